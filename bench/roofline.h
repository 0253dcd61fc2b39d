// What a case could reach at most on this machine, and what keeps it from that. The roofline model:
// S. Williams, A. Waterman, D. Patterson, CACM 52(4), 2009.
#pragma once

#include <string>

#include "results/record.h"

namespace flopmeter {

/// What the machine did right beside a sample.
struct Roofs {
  double operations_per_second = 0;  // of the instruction mix with the highest peak
  double bytes_per_second = 0;       // where the operands lie; 0: not measured
};

/// The least seconds of one call: arithmetic and compulsory traffic, each at its roof and both at
/// the same time.
double seconds_under(const Roofs& roofs, double operations, double bytes);

/// What bounds a row that was timed, in one word:
///   compute            the peak of arithmetic
///   L1 L2 L3 DRAM      bandwidth, where the operands lie
///   overhead           the least time that a call of the backend takes: too small a case
///   lanes              arithmetic as well, most of it on padding (needs executed counts)
///   code               none of these takes a third of the time: other instructions than the
///                      arithmetic, or waiting for results
/// Of those that take a third of the time or more, the one that takes most. Empty where there is no
/// time.
std::string bound(const Record& record);

}  // namespace flopmeter
