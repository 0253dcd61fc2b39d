#include "app/step_times.h"

#include <fmt/format.h>

#include "bench/row.h"

namespace flopmeter {

void StepTimes::add(const Record& record) {
  const bool both = record.convention.ends_with(of_both_gradients);
  const bool idle = !record.seconds && record.flops == 0;
  if (idle || (both && joint)) {
    return;
  }
  joint = joint || both;
  if (record.status != "ok") {
    remarks += fmt::format("{}{} is {}: {}", remarks.empty() ? "" : "; ", record.pass,
                           record.status, record.reason);
  }
  complete = complete && record.seconds.has_value();
  step += record.seconds.value_or(0);
  if (record.pass == to_string(Pass::forward)) {
    forward = record.seconds;
  }
}

std::optional<double> StepTimes::ratio() const {
  return complete && forward ? std::optional(step / *forward) : std::nullopt;
}

}  // namespace flopmeter
