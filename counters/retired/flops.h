// From events to FLOPs.
#pragma once

#include <string_view>

#include "counters/retired/value.h"

namespace flopmeter::retired {

/// "flops": the sum of operations x count over all events that count FLOPs, by their rule, which
/// counts an FMA as two; or "flops_<type>": over those of one type (f64, f32, f16, bf16) where the
/// CPU tells types apart. As valid as its least valid part. On a hybrid CPU the sum of the kind of
/// core on which the thread was all the time. Throws CountOverflow.
Value flops(const Readings& readings, std::string_view type = "");

}  // namespace flopmeter::retired
