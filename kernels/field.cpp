#include "kernels/field.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

std::string known_keys(std::span<const FieldInfo> fields) {
  std::string keys;
  for (const FieldInfo& field : fields) {
    keys += fmt::format("{}{}", keys.empty() ? "" : ", ", field.key);
  }
  return keys;
}

/// Keys that may have been meant: those that the written one begins or ends with, or that begin with
/// it. Empty where there is none.
std::string meant(std::span<const FieldInfo> fields, std::string_view written) {
  std::string keys;
  for (const FieldInfo& field : fields) {
    const bool alike =
        !written.empty() && (field.key.starts_with(written) ||
                             (field.key.size() > 1 &&
                              (written.starts_with(field.key) || written.ends_with(field.key))));
    keys += alike ? fmt::format("{}{}", keys.empty() ? "" : ", ", field.key) : "";
  }
  return keys.empty() ? "" : fmt::format(" (meant: {}?)", keys);
}

/// Walks through a descriptor, one key with its value at a time.
class Descriptor {
 public:
  Descriptor(std::span<const FieldInfo> fields, std::string_view layer, std::string_view text)
      : fields_(fields), layer_(layer), text_(text), rest_(text) {
    skip_underscores();
  }

  bool at_end() const { return rest_.empty(); }

  std::size_t next_key() {
    const std::string_view key = rest_.substr(0, rest_.find_first_of("-0123456789_"));
    const auto found = std::ranges::find(fields_, key, &FieldInfo::key);
    if (key.empty() || found == fields_.end()) {
      bad_input("{} shape '{}': unknown key at '{}'{}: keys are {}, each followed by an integer",
                layer_, text_, rest_, meant(fields_, key), known_keys(fields_));
    }
    rest_.remove_prefix(key.size());
    return static_cast<std::size_t>(found - fields_.begin());
  }

  std::int64_t next_value(std::string_view key) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error == std::errc::result_out_of_range) {
      bad_input("{} shape '{}': the value of {} is beyond 2^63 - 1", layer_, text_, key);
    }
    if (error != std::errc()) {
      bad_input("{} shape '{}': {} needs an integer, as in {}3", layer_, text_, key, key);
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    skip_underscores();
    return value;
  }

 private:
  void skip_underscores() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of('_'), rest_.size()));
  }

  std::span<const FieldInfo> fields_;
  std::string_view layer_;
  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

Values parse_fields(std::span<const FieldInfo> fields, std::string_view layer,
                    std::string_view text) {
  Values values(fields.size(), unset);
  Descriptor descriptor(fields, layer, text);
  while (!descriptor.at_end()) {
    const std::size_t at = descriptor.next_key();
    if (values[at] != unset) {
      bad_input("{} shape '{}': {} is given twice", layer, text, fields[at].key);
    }
    values[at] = descriptor.next_value(fields[at].key);
  }
  check_lowest(fields, layer, values);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    values[i] = values[i] == unset ? fields[i].otherwise : values[i];
  }
  return values;
}

std::string print_fields(std::span<const FieldInfo> fields, const Values& values,
                         std::span<const std::string_view> always) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool wanted = std::ranges::find(always, fields[i].key) != always.end();
    if (wanted || values[i] != fields[i].otherwise) {
      text += fmt::format("{}{}", fields[i].key, values[i]);
    }
  }
  return text;
}

void check_lowest(std::span<const FieldInfo> fields, std::string_view layer, const Values& values) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (values[i] != unset && values[i] < fields[i].lowest) {
      bad_input("{}: {} ({}) is {}, must be at least {}", layer, fields[i].key, fields[i].meaning,
                values[i], fields[i].lowest);
    }
  }
}

NamedDescriptor split_name(std::string_view text) {
  const std::size_t at = text.find("n\"");
  if (at == std::string_view::npos) {
    return {std::string(text), ""};
  }
  const std::string_view quoted = text.substr(at + 2);
  const std::size_t end = quoted.find('"');
  if (end == std::string_view::npos || end + 1 != quoted.size()) {
    bad_input("shape '{}': the name must end in a quote, as in n\"conv1\"", text);
  }
  std::string_view descriptor = text.substr(0, at);
  while (descriptor.ends_with('_')) {
    descriptor.remove_suffix(1);
  }
  return {std::string(descriptor), std::string(quoted.substr(0, end))};
}

}  // namespace flopmeter
