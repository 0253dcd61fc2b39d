// What a counter says, and how far it can be believed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "counters/retired/plan.h"

namespace flopmeter::retired {

/// exact: counted all the time. scaled: counted part of the time and extrapolated. unavailable: no
/// count; `count` is 0 and means nothing.
enum class Validity { exact, scaled, unavailable };

std::string_view to_string(Validity validity);

/// A count with its validity. `running` is the share of the time in which it was counted, 0 to 1.
/// `reason` says why it is not exact.
struct Value {
  std::string name;
  std::int64_t count = 0;
  Validity validity = Validity::exact;
  double running = 1;
  std::string reason;
};

Value unavailable(std::string name, std::string reason);

/// A value and the event it was counted by.
struct Reading {
  PlannedEvent planned;
  Value value;
};

/// Everything that was counted between a start and a stop, in the order of the plan.
using Readings = std::vector<Reading>;

/// The value of that name; unavailable where there is no such event.
Value find(const Readings& readings, std::string_view name);

}  // namespace flopmeter::retired
