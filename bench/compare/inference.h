// The statistics of a comparison: pure functions of numbers. Shifts are differences of logarithms,
// so that 0.0953 is 10 % more and its opposite undoes it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace flopmeter::compare {

/// Of more values than these, as many quantiles stand for them where all pairs are taken.
inline constexpr std::size_t most_paired_values = 512;

/// The median of all differences b_j - a_i (Hodges and Lehmann, 1963): how far `b` lies above `a`.
/// At least one value each.
double hodges_lehmann_shift(std::span<const double> a, std::span<const double> b);

/// Standard deviation from the mean absolute difference of all pairs, times sqrt(pi) / 2 (Gini):
/// less bent by an outlier than the usual one, and unbiased for few normal values. 0 for one value.
double pairwise_deviation(std::span<const double> all);

/// P(T > t) of Student's t, `freedom` > 0.
double student_tail(double t, double freedom);

/// The t above which so much of Student's t lies; 0 < tail < 0.5.
double student_quantile(double tail, double freedom);

/// How likely an estimate as far from 0 as `shift` is, where the truth is no further from 0 than
/// `margin`: the larger p-value of both ends. `error` > 0 is the estimate's standard error.
double margin_p_value(double shift, double error, double margin, double freedom);

/// Holm's step-down adjustment (1979): with all of them below alpha called significant, the chance
/// of any false alarm is at most alpha, however the tests depend on one another.
std::vector<double> holm(std::span<const double> p_values);

/// The standard deviation t that a set of estimates has beyond the variances that are known of
/// each: the one at which half of |residual| / sqrt(variance + t^2) lie below 0.6745, as half of
/// normal values do. Paule and Mandel's estimate (1982) with the median for the sum of squares, so
/// that fewer than half of the estimates can bend it little. 0 where the variances explain all.
double between_deviation(std::span<const double> residuals, std::span<const double> variances);

}  // namespace flopmeter::compare
