#include "validate/claims/sweep_shapes.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <random>
#include <set>

#include "validate/claims/condition.h"

namespace flopmeter::claims {
namespace {

constexpr std::size_t random_shapes = 768;
constexpr std::uint64_t seed = 2019;

std::optional<Values> legal(const AnyLayer& layer, const Values& values) {
  try {
    return layer.complete(values);
  } catch (const BadInput&) {
    return std::nullopt;
  }
}

std::optional<std::size_t> field_at(const AnyLayer& layer, std::string_view key) {
  const auto found = std::ranges::find(layer.fields, key, &FieldInfo::key);
  if (found == layer.fields.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - layer.fields.begin());
}

/// Whether the layer finds a value for the field when it is left out.
std::vector<bool> derivable_fields(const AnyLayer& layer, const Values& tiny) {
  std::vector<bool> derivable;
  for (std::size_t i = 0; i < tiny.size(); ++i) {
    Values without = tiny;
    without[i] = unset;
    derivable.push_back(layer.fields[i].otherwise == unset && legal(layer, without).has_value());
  }
  return derivable;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

/// Applies "ic=g oc=g ph=0 oh=", if the layer has all of these fields.
bool impose(const AnyLayer& layer, std::string_view assignments, Values& values) {
  Values imposed = values;
  for (const std::string_view assignment : words(assignments)) {
    const std::size_t equals = assignment.find('=');
    const std::string_view right = assignment.substr(equals + 1);
    const auto to = field_at(layer, assignment.substr(0, equals));
    const auto from = field_at(layer, right);
    std::int64_t number = unset;
    std::from_chars(right.data(), right.data() + right.size(), number);
    if (!to || (!right.empty() && number == unset && !from)) {
      return false;
    }
    imposed[*to] = from            ? imposed[*from]
                   : right.empty() ? layer.fields[*to].otherwise  // as if it had been left out
                                   : number;
  }
  values = imposed;
  return true;
}

class Shapes {
 public:
  explicit Shapes(const AnyLayer& layer) : layer_(layer), random_(seed) {
    for (const FieldInfo& field : layer.fields) {
      tiny_.push_back(field.fuzz_low);
    }
    derivable_ = derivable_fields(layer, tiny_);
  }

  std::vector<Values> all() {
    add_tiny();
    const std::size_t wanted = shapes_.size() + random_shapes;
    // A layer of few legal shapes runs out of new ones.
    for (int attempt = 0; attempt < 200'000 && shapes_.size() < wanted; ++attempt) {
      add(drawn());
    }
    return shapes_;
  }

 private:
  void add(const Values& values) {
    if (const auto complete = legal(layer_, values); complete && seen_.insert(*complete).second) {
      shapes_.push_back(*complete);
    }
  }

  /// Every field at its least, and one or two fields one above: the smallest counterexamples.
  void add_tiny() {
    add_raised({});
    for (std::size_t i = 0; i < tiny_.size(); ++i) {
      for (std::size_t j = i; j < tiny_.size(); ++j) {
        add_raised({i, j});
      }
    }
  }

  void add_raised(const std::set<std::size_t>& raised) {
    Values values = tiny_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = raised.contains(i) ? tiny_[i] + 1 : derivable_[i] ? unset : tiny_[i];
    }
    add(values);
  }

  Values drawn() {
    Values values;
    for (std::size_t i = 0; i < tiny_.size(); ++i) {
      const FieldInfo& field = layer_.fields[i];
      const bool left_out = derivable_[i] && draw(random_, 0, 3) != 0;
      values.push_back(left_out ? unset : draw(random_, field.fuzz_low, field.fuzz_high));
    }
    for (const Condition& condition : conditions()) {
      if (!condition.imposed.empty() && draw(random_, 0, 3) == 0) {
        impose(layer_, condition.imposed, values);
      }
    }
    return values;
  }

  const AnyLayer& layer_;
  std::mt19937_64 random_;
  Values tiny_;
  std::vector<bool> derivable_;
  std::set<Values> seen_;
  std::vector<Values> shapes_;
};

}  // namespace

std::vector<Values> sweep_shapes(const AnyLayer& layer) { return Shapes(layer).all(); }

}  // namespace flopmeter::claims
