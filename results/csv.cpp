#include "results/csv.h"

#include <fmt/format.h>

#include <cmath>

namespace flopmeter {
namespace {

std::string text_of(std::int64_t value) { return fmt::format("{}", value); }
std::string text_of(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

std::string text_of(const std::string& text) { return csv_text(text); }

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "";
}

std::string text_of(const std::vector<double>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += i == 0 ? "" : ";";
    text += text_of(values[i]);
  }
  return text;
}

std::string csv_line(auto&& text_of_field) {
  std::string text;
  for (const RecordField& field : record_fields()) {
    text += &field == record_fields().data() ? "" : ",";
    text += text_of_field(field);
  }
  return text + '\n';
}

}  // namespace

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + '"';
}

std::string csv_header() {
  return csv_line([](const RecordField& field) { return field.key; });
}

std::string csv_row(const Record& record) {
  return csv_line([&](const RecordField& field) {
    return std::visit([&](auto member) { return text_of(record.*member); }, field.member);
  });
}

}  // namespace flopmeter
