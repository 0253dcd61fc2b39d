// A case that does not come to rest is measured again, within a budget.
#pragma once

#include <functional>

#include "bench/clock.h"
#include "bench/measurement.h"

namespace flopmeter {

/// The budget: attempts, the first one included, and seconds that all others may take together. The
/// last one may run over.
inline constexpr int most_attempts = 4;
inline constexpr double seconds_for_more_attempts = 10;

/// The first measurement that is not noisy, or of all attempts the one whose samples deviate least
/// from their median; its reason then says how many there were. `again` measures once more.
Measurement settled(Measurement first, const std::function<Measurement()>& again,
                    const Clock& clock);

}  // namespace flopmeter
