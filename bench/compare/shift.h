// What the samples of one pair of rows say: how far the time moved, and how sure that is before
// other cases are looked at.
#pragma once

#include "bench/compare/pairing.h"

namespace flopmeter::compare {

/// Logarithms of ratios b / a. A standard deviation of 0.02 is 2 %.
struct Shift {
  double time = 0;      // of one call: Hodges-Lehmann shift of the samples, normalised or not
  double variance = 0;  // what is not known about it from these two rows alone
  double drift = 0;     // systematic: what the machine's own shift may have left in `time`
  double peak = 0;      // of the peak beside the samples; 0 where it is not comparable
  bool normalised = false;
};

/// The share of the peak's own shift that normalising is taken to leave behind, in either
/// direction. Peaks are taken from the better of two bursts, so they show a disturbance less than
/// samples do.
inline constexpr double normalising_leaves = 1.0 / 3;

/// Whether the time of both rows follows what the peak shows: the same machine, instruction and
/// threads, and a case that is bound by computing. That is a row whose `bound` is "compute", or
/// where rows do not say, one that reaches at least a tenth of the peak in both.
bool follows_peak(const Pair& pair);

/// The samples of a run share its clock, its neighbours and where its memory lies, so they are
/// taken for one measurement, not for as many: `variance` is that of a sample, in a plus in b,
/// however many there are. Where the row is not normalised, the peak's whole shift counts as drift.
Shift shift(const Pair& pair, bool normalise);

}  // namespace flopmeter::compare
