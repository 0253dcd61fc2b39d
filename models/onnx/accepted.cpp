#include "models/onnx/accepted.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

struct Rule {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: any
};

struct Rules {
  std::size_t inputs;
  std::vector<Rule> attributes;
};

std::vector<std::string_view> parts_of(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(divider), text.size());
    if (end > 0) {
      parts.push_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Rules rules_of(const Accepted& row) {
  Rules rules{row.inputs, {}};
  for (const std::string_view word : parts_of(row.attributes, ' ')) {
    const std::size_t equals = std::min(word.find('='), word.size());
    rules.attributes.push_back(
        {word.substr(0, equals), parts_of(word.substr(std::min(equals + 1, word.size())), '|')});
  }
  return rules;
}

using Key = std::pair<std::string_view, std::string_view>;

const std::map<Key, Rules>& rules() {
  static const auto all = [] {
    std::map<Key, Rules> map;
    for (const Accepted& row : accepted_table()) {
      for (const std::string_view op : parts_of(row.operators, ' ')) {
        map.emplace(Key{row.domain, op}, rules_of(row));
      }
    }
    return map;
  }();
  return all;
}

double number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Old files do not say which type an attribute has: then it is what it can be.
bool is_value(const AttributeProto& given, std::string_view value) {
  const bool digits = value.find_first_not_of("0123456789.-") == std::string_view::npos;
  if (!digits) {
    return given.text() == value;
  }
  return given.type == static_cast<int>(AttributeType::real)
             ? std::abs(given.real() - number(value)) <= 1e-6 * std::abs(number(value))
             : given.type != static_cast<int>(AttributeType::text) &&
                   static_cast<double>(given.integer()) == number(value);
}

std::string value_text(const AttributeProto& given) {
  return given.type == static_cast<int>(AttributeType::text)   ? fmt::format("'{}'", given.text())
         : given.type == static_cast<int>(AttributeType::real) ? fmt::format("{}", given.real())
                                                               : fmt::format("{}", given.integer());
}

std::string joined(const std::vector<std::string_view>& values) {
  std::string text;
  for (const std::string_view value : values) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", value);
  }
  return text;
}

}  // namespace

bool has_accepted(std::string_view domain, std::string_view op) {
  return rules().contains({domain, op});
}

std::string unaccepted(const NodeView& node) {
  const auto found =
      rules().find({node.row == nullptr ? node.proto.domain : node.row->domain, node.proto.op});
  if (found == rules().end()) {
    return "nothing is known of its attributes";
  }
  for (const AttributeProto& given : node.proto.attributes) {
    const auto rule = std::ranges::find(found->second.attributes, given.name, &Rule::name);
    if (rule == found->second.attributes.end()) {
      return fmt::format("its attribute '{}' is not understood", given.name);
    }
    if (!rule->values.empty() && std::ranges::none_of(rule->values, [&](std::string_view value) {
          return is_value(given, value);
        })) {
      return fmt::format("its attribute '{}' is {}: counted with {} alone", given.name,
                         value_text(given), joined(rule->values));
    }
  }
  for (std::size_t i = found->second.inputs; i < node.proto.inputs.size(); ++i) {
    if (!node.proto.inputs[i].empty()) {
      return fmt::format("its input {} ('{}') is not understood", i, node.proto.inputs[i]);
    }
  }
  return "";
}

}  // namespace flopmeter::onnx
