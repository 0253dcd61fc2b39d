#include "results/result_lines.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <istream>
#include <limits>
#include <nlohmann/json.hpp>
#include <streambuf>
#include <system_error>

namespace flopmeter {
namespace {

using simdjson::dom::element;

// Every file begins so. Nothing else is touched, however a user came to name it.
constexpr std::string_view first_bytes = R"({"type":"environment",)";

/// As nlohmann's library calls them.
std::string_view name_of(simdjson::dom::element_type type) {
  switch (type) {
    case simdjson::dom::element_type::ARRAY:
      return "array";
    case simdjson::dom::element_type::OBJECT:
      return "object";
    case simdjson::dom::element_type::STRING:
      return "string";
    case simdjson::dom::element_type::BOOL:
      return "boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "number";
  }
}

void require_kind(bool right, element value) {
  if (!right) {
    throw std::invalid_argument(fmt::format("unexpected {}", name_of(value.type())));
  }
}

void take_value(element value, std::string& text) {
  std::string_view read;
  require_kind(value.get(read) == simdjson::SUCCESS, value);
  text = read;
}

void take_value(element value, std::optional<std::int64_t>& number) {
  std::int64_t read = 0;
  require_kind(value.get(read) == simdjson::SUCCESS, value);
  number = read;
}

void take_value(element value, std::optional<double>& number) {
  double read = 0;
  require_kind(value.get(read) == simdjson::SUCCESS, value);
  number = read;
}

void take_value(element value, std::vector<double>& numbers) {
  simdjson::dom::array read;
  require_kind(value.get(read) == simdjson::SUCCESS, value);
  for (const element item : read) {
    std::optional<double> number;
    if (!item.is_null()) {
      take_value(item, number);
    }
    numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
}

void clear_value(std::vector<double>& numbers) { numbers.clear(); }
void clear_value(auto& value) { value = {}; }

/// Keys stand in the order of the fields, so that the next one is nearly always the one behind.
const RecordField* field_at(std::string_view key, std::size_t& expected) {
  const std::span<const RecordField> fields = record_fields();
  if (expected >= fields.size() || fields[expected].key != key) {
    const auto found = std::ranges::find(fields, key, &RecordField::key);
    if (found == fields.end()) {
      return nullptr;
    }
    expected = static_cast<std::size_t>(found - fields.begin());
  }
  return &fields[expected++];
}

/// Text that lies in memory, as a stream, without a copy of it.
struct ViewBuffer : std::streambuf {
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT: only read
    setg(begin, begin, begin + text.size());
  }
};

std::string error_of_system() { return std::generic_category().message(errno); }

/// Whether a file begins with this line, whatever blanks its writer left; one that was cut off may be shorter.
bool begins_results(std::string_view line, bool ended) {
  std::string start(line.substr(0, 2 * first_bytes.size()));
  std::erase(start, ' ');
  return start.starts_with(first_bytes) || (!ended && first_bytes.starts_with(start));
}

LinesEnd go_through(std::istream& in, std::string_view origin, const TakeLine& take) {
  LinesEnd end;
  ResultLine line;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    const bool ended = !in.eof();
    if (end.complete_bytes == 0 && !begins_results(text, ended)) {
      throw CannotRead(fmt::format("'{}' is not a file of flopmeter results", origin));
    }
    const LinePlace place{end.complete_bytes, static_cast<std::uint32_t>(text.size())};
    if (!text.empty()) {
      if (!line.parse(text)) {
        if (!ended) {
          end.cut = true;
          return end;
        }
        throw CannotRead(fmt::format("'{}' line {}: not a JSON object", origin, number));
      }
      try {
        take(line, place);
      } catch (const std::invalid_argument& error) {
        throw CannotRead(fmt::format("'{}' line {}: {}", origin, number, error.what()));
      }
    }
    end.ends_in_newline = ended;
    end.complete_bytes += text.size() + (ended ? 1 : 0);
  }
  return end;
}

}  // namespace

struct ResultLine::Parsed {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
};

ResultLine::ResultLine() : parsed_(std::make_unique<Parsed>()) {}
ResultLine::~ResultLine() = default;

bool ResultLine::parse(std::string_view text) {
  text_ = text;
  return parsed_->parser.parse(text.data(), text.size()).get(parsed_->object) == simdjson::SUCCESS;
}

std::string_view ResultLine::text_at(std::string_view key) const {
  std::string_view text;
  return parsed_->object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::int64_t ResultLine::integer_at(std::string_view key, std::int64_t otherwise) const {
  std::int64_t number = 0;
  return parsed_->object[key].get(number) == simdjson::SUCCESS ? number : otherwise;
}

void ResultLine::read(Record& record) const {
  for (const RecordField& field : record_fields()) {
    std::visit([&](auto member) { clear_value(record.*member); }, field.member);
  }
  std::size_t expected = 0;
  for (const auto [key, value] : parsed_->object) {
    const RecordField* field = field_at(key, expected);
    if (field == nullptr || value.is_null()) {
      continue;
    }
    try {
      const element& read = value;
      std::visit([&](auto member) { take_value(read, record.*member); }, field->member);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("key '{}': {}", field->key, error.what()));
    }
  }
}

Json ResultLine::json() const { return Json::parse(text_, nullptr, false); }

LinesEnd for_each_line(const std::filesystem::path& path, const TakeLine& take) {
  std::array<char, 1 << 16> buffer{};
  std::ifstream file;
  file.rdbuf()->pubsetbuf(buffer.data(), buffer.size());
  file.open(path, std::ios::binary);
  if (file) {
    file.peek();  // a folder can be opened, and not read
  }
  if (!file.is_open() || file.bad()) {
    throw CannotRead(fmt::format("cannot read '{}': {}", path.string(), error_of_system()));
  }
  file.clear();
  const LinesEnd end = go_through(file, path.string(), take);
  if (file.bad()) {
    throw CannotRead(fmt::format("cannot read '{}': {}", path.string(), error_of_system()));
  }
  return end;
}

LinesEnd for_each_line_of(std::string_view text, std::string_view origin, const TakeLine& take) {
  ViewBuffer buffer(text);
  std::istream in(&buffer);
  return go_through(in, origin, take);
}

LinesAt::LinesAt(std::filesystem::path path)
    : path_(std::move(path)), file_(path_, std::ios::binary) {}

const ResultLine& LinesAt::operator()(LinePlace place) {
  text_.resize(place.bytes);
  file_.seekg(static_cast<std::streamoff>(place.offset));
  file_.read(text_.data(), static_cast<std::streamsize>(place.bytes));
  if (!file_ || !line_.parse(text_)) {
    throw CannotRead(fmt::format("'{}' changed while it was read", path_.string()));
  }
  return line_;
}

}  // namespace flopmeter
