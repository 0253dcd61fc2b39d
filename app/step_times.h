// The time of a training step over that of its forward pass, from timed rows.
#pragma once

#include <optional>
#include <string>

#include "results/record.h"

namespace flopmeter {

/// The calls of a step, each once, also where one of them makes both gradients.
struct StepTimes {
  std::optional<double> forward;  // seconds
  double step = 0;                // seconds of all passes so far
  bool joint = false;             // one call makes both gradients, and has been added
  bool complete = true;           // every pass that has something to do was timed
  /// What speaks against the times: "backward_data is noisy: ...". Empty: nothing.
  std::string remarks = {};

  /// Adds the row of a pass.
  void add(const Record& record);

  /// The step over the forward pass; none where a pass was not timed.
  std::optional<double> ratio() const;
};

}  // namespace flopmeter
