#include "validate/ledger/fuzz.h"

#include <array>
#include <optional>

namespace flopmeter {
namespace {

std::int64_t uniform(std::mt19937_64& random, std::int64_t low, std::int64_t high) {
  // Not std::uniform_int_distribution: its values differ between libraries, a seed must not.
  const auto range = static_cast<std::uint64_t>(high - low) + 1;
  return low + static_cast<std::int64_t>(random() % range);
}

std::int64_t draw_field(const FieldInfo& field, const Values& before, std::mt19937_64& random) {
  if (!before.empty() && uniform(random, 0, 3) == 0) {
    const std::int64_t repeated =
        before[static_cast<std::size_t>(uniform(random, 0, std::ssize(before) - 1))];
    if (repeated >= field.fuzz_low && repeated <= field.fuzz_high) {
      return repeated;
    }
  }
  return uniform(random, field.fuzz_low, field.fuzz_high);
}

std::optional<Values> legal(const AnyLayer& layer, const Values& values) {
  try {
    return layer.complete(values);
  } catch (const BadInput&) {
    return std::nullopt;
  }
}

}  // namespace

Problem draw_problem(const AnyLayer& layer, std::mt19937_64& random) {
  while (true) {
    Values values;
    for (const FieldInfo& field : layer.fields) {
      values.push_back(draw_field(field, values, random));
    }
    if (const std::optional<Values> complete = legal(layer, values)) {
      return {&layer, *complete, ""};
    }
  }
}

Problem shrink(Problem problem, const std::function<bool(const Problem&)>& fails) {
  const auto smaller = [&](std::size_t i, std::int64_t value) {
    Problem candidate = problem;
    candidate.values[i] = value;
    const auto complete = legal(*problem.layer, candidate.values);
    // Illegal, or completed to something else than asked for: no candidate.
    if (value >= problem.values[i] || complete != candidate.values || !fails(candidate)) {
      return false;
    }
    problem = candidate;
    return true;
  };
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (std::size_t i = 0; i < problem.values.size(); ++i) {
      const std::int64_t value = problem.values[i];
      const std::array candidates{problem.layer->fields[i].lowest, value / 2, value - 1};
      for (const std::int64_t candidate : candidates) {
        shrunk = smaller(i, candidate) || shrunk;
      }
    }
  }
  return problem;
}

}  // namespace flopmeter
