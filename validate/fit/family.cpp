#include "validate/fit/family.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/bad_input.h"
#include "validate/claims/sweep_shapes.h"

namespace flopmeter::fit {
namespace {

// More elements or MACs than these are not worth their time: a closed form shows on small numbers.
constexpr std::int64_t largest_cost = 20'000;
constexpr int most_attempts = 2000;
constexpr auto divisible = std::to_array<std::int64_t>({2, 4, 6, 8, 12, 12});

bool flag(const FieldInfo& field) { return field.lowest == 0 && field.fuzz_high == 1; }

/// Random shapes leave it alone.
bool still(const FieldInfo& field) { return field.fuzz_low == field.fuzz_high; }

std::optional<Values> completed(const AnyLayer& layer, const Values& values) {
  try {
    return layer.complete(values);
  } catch (const BadInput&) {
    return std::nullopt;
  } catch (const CountOverflow&) {
    return std::nullopt;
  }
}

Values without(Values values, std::size_t field) {
  values[field] = unset;
  return values;
}

}  // namespace

Family::Family(claims::Scale scale, std::vector<Restriction> restrictions)
    : scale_(std::move(scale)), restrictions_(std::move(restrictions)) {
  for (const FieldInfo& field : layer().fields) {
    derivable_.push_back(field.otherwise == unset);
  }
}

std::string Family::name() const {
  std::string text;
  for (const Restriction& r : restrictions_) {
    const std::string_view key = layer().fields[r.field].key;
    text += text.empty() ? "" : " and ";
    text += r.kind == Restriction::Kind::fixed      ? fmt::format("{} = {}", key, r.value)
            : r.kind == Restriction::Kind::other    ? fmt::format("{} is not {}", key, r.value)
            : r.kind == Restriction::Kind::left_out ? fmt::format("{} left out", key)
                                                    : fmt::format("{} given", key);
  }
  return text;
}

bool Family::free(std::size_t field) const {
  return std::ranges::none_of(restrictions_, [&](const Restriction& r) {
    return r.field == field &&
           (r.kind == Restriction::Kind::fixed || r.kind == Restriction::Kind::left_out);
  });
}

bool Family::contains(const Values& complete) const {
  return std::ranges::all_of(restrictions_, [&](const Restriction& r) {
    if (r.kind == Restriction::Kind::fixed || r.kind == Restriction::Kind::other) {
      return (complete[r.field] == r.value) == (r.kind == Restriction::Kind::fixed);
    }
    const auto found = completed(layer(), without(complete, r.field));
    const bool same = found && (*found)[r.field] == complete[r.field];
    return same == (r.kind == Restriction::Kind::left_out);
  });
}

std::optional<Values> Family::moved(const Values& from, std::size_t field, std::int64_t to) const {
  Values values = from;
  values[field] = to;
  return legal(values);
}

std::optional<Values> Family::draw(std::mt19937_64& random) const {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    Values values;
    for (std::size_t i = 0; i < layer().fields.size(); ++i) {
      values.push_back(draw_field(i, values, random));
    }
    if (auto found = legal(values)) {
      return found;
    }
  }
  return std::nullopt;
}

std::int64_t Family::draw_field(std::size_t field, const Values& before,
                                std::mt19937_64& random) const {
  const FieldInfo& info = layer().fields[field];
  if (still(info)) {
    return info.fuzz_low;
  }
  if (flag(info)) {
    return claims::draw(random, 0, 1);
  }
  const std::int64_t kind = claims::draw(random, 0, 9);
  const std::int64_t low = info.lowest;
  if (derivable_[field] && kind >= 8 && claims::draw(random, 0, 1) == 0) {
    return unset;
  }
  if (kind >= 7 && !before.empty()) {
    const std::int64_t repeated =
        before[static_cast<std::size_t>(claims::draw(random, 0, std::ssize(before) - 1))];
    return repeated < low ? low : repeated;
  }
  if (kind == 6) {
    return std::max(
        low,
        divisible[static_cast<std::size_t>(claims::draw(random, 0, std::ssize(divisible) - 1))]);
  }
  return kind < 2 ? low : claims::draw(random, low, low + 4);
}

std::optional<Values> Family::legal(Values values) const {
  for (const Restriction& r : restrictions_) {
    if (r.kind == Restriction::Kind::fixed) {
      values[r.field] = r.value;
    } else if (r.kind == Restriction::Kind::left_out) {
      values[r.field] = unset;
    }
  }
  const std::optional<Values> found = completed(layer(), values);
  if (!found) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != unset && values[i] != (*found)[i]) {
      return std::nullopt;  // completed to something else than asked for
    }
  }
  return small(*found) && contains(*found) ? found : std::nullopt;
}

bool Family::small(const Values& values) const {
  return std::ranges::all_of(scale_.passes, [&](Pass pass) {
    std::int64_t cost = layer().formula(values, pass).dense.macs;
    for (const Operand& operand : layer().operands(values, pass)) {
      cost += elements(operand);
    }
    return cost <= largest_cost;
  });
}

std::vector<std::vector<Restriction>> splits(const AnyLayer& layer) {
  std::vector<std::vector<Restriction>> found;
  for (std::size_t i = 0; i < layer.fields.size(); ++i) {
    const FieldInfo& field = layer.fields[i];
    if (still(field)) {
      continue;
    }
    if (field.otherwise == unset) {
      Values least;
      std::ranges::transform(layer.fields, std::back_inserter(least), &FieldInfo::fuzz_low);
      if (completed(layer, without(least, i))) {
        found.push_back({{Restriction::Kind::left_out, i}, {Restriction::Kind::given, i}});
      }
    } else if (flag(field)) {
      found.push_back({{Restriction::Kind::fixed, i, 0}, {Restriction::Kind::fixed, i, 1}});
    } else if (field.otherwise == field.lowest) {
      found.push_back({{Restriction::Kind::fixed, i, field.otherwise},
                       {Restriction::Kind::other, i, field.otherwise}});
    }
  }
  return found;
}

}  // namespace flopmeter::fit
