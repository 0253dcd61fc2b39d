// What is said of repeated measurements: pure functions of the samples.
#pragma once

#include <span>

namespace flopmeter {

/// The middle value, or the mean of the two middle ones. At least one value.
double median(std::span<const double> values);

/// The smallest value that at least this share of the values does not exceed (nearest rank): 0.9 is
/// the 90th percentile. At least one value, 0 < share <= 1.
double percentile(std::span<const double> values, double share);

/// (largest - smallest) / median. At least one value, median not 0.
double spread(std::span<const double> values);

/// median |value - median| / median: half of the values lie within. At least one value.
double median_deviation(std::span<const double> values);

}  // namespace flopmeter
