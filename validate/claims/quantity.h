// Quantities that claims are about, and every way to measure each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/claims/sweep.h"

namespace flopmeter::claims {

/// One way to read a quantity off a measurement. `convention` is empty where no convention is
/// needed.
struct Measure {
  std::string_view quantity;
  std::string_view convention;
  PaddingReading reading = PaddingReading::in_bounds;
  bool padding_matters = true;  // false: both readings are the same number
  Dtype dtype = Dtype::f32;     // of bytes

  /// `along` is the spatial dimension of an output size.
  std::int64_t of(const CountedSums& measured, std::size_t along) const;
};

/// For JSON: "in bounds", "dense", or empty where both are the same.
std::string_view reading_name(const Measure& measure);

/// Of training_macs, which passes are counted; else empty.
std::string_view passes_of(const Measure& measure);

/// Drops the dense readings and marks the others as the only ones.
std::vector<Measure> without_padding(std::vector<Measure> measures);

/// macs, muls, flops, params, bytes, output_size, and every kind of operation. Guides do not say
/// which FLOPs they mean: `flops` is measured by the conventions exact and flop2, in this order.
/// training_macs, of which guides do not say whether the forward pass is one of them, is measured
/// with it and without. Readings in bounds and dense. Throws BadInput naming the quantities.
std::vector<Measure> measures_of(std::string_view quantity);

/// "", "in bounds", "dense (padding computed as zeros), convention flop2".
std::string describe(const Measure& measure);

}  // namespace flopmeter::claims
