// The tables of fields, all made from one.
#pragma once

#include <algorithm>
#include <array>

#include "kernels/families/conv/shape.h"

namespace flopmeter::conv {

/// A field, and the lowest rank of the layers that have it.
struct RankedField {
  int rank;
  Field<Shape> field;
};

inline constexpr auto all_fields = std::to_array<RankedField>({
    {1, {"g", &Shape::g, 1, 1, 1, 6, "groups"}},
    {1, {"mb", &Shape::mb, 2, 1, 1, 3, "samples"}},
    {1, {"ic", &Shape::ic, unset, 1, 1, 12, "input channels, of all groups"}},
    {3, {"id", &Shape::id, unset, 1, 1, 14, "input depth"}},
    {2, {"ih", &Shape::ih, unset, 1, 1, 14, "input height"}},
    {1, {"iw", &Shape::iw, unset, 1, 1, 14, "input width"}},
    {1, {"oc", &Shape::oc, unset, 1, 1, 12, "output channels, of all groups"}},
    {3, {"od", &Shape::od, unset, 1, 1, 14, "output depth"}},
    {2, {"oh", &Shape::oh, unset, 1, 1, 14, "output height"}},
    {1, {"ow", &Shape::ow, unset, 1, 1, 14, "output width"}},
    {3, {"kd", &Shape::kd, unset, 1, 1, 5, "kernel depth"}},
    {2, {"kh", &Shape::kh, unset, 1, 1, 5, "kernel height"}},
    {1, {"kw", &Shape::kw, unset, 1, 1, 5, "kernel width"}},
    {3, {"sd", &Shape::sd, unset, 1, 1, 3, "stride along the depth"}},
    {2, {"sh", &Shape::sh, unset, 1, 1, 3, "vertical stride"}},
    {1, {"sw", &Shape::sw, unset, 1, 1, 3, "horizontal stride"}},
    {3, {"pd", &Shape::pd, unset, 0, 0, 3, "padding in front"}},
    {2, {"ph", &Shape::ph, unset, 0, 0, 3, "padding above"}},
    {1, {"pw", &Shape::pw, unset, 0, 0, 3, "padding to the left"}},
    {3, {"dd", &Shape::dd, unset, 0, 0, 2, "gaps between taps in depth, 0 for a dense kernel"}},
    {2, {"dh", &Shape::dh, unset, 0, 0, 2, "vertical gaps between taps, 0 for a dense kernel"}},
    {1, {"dw", &Shape::dw, unset, 0, 0, 2, "horizontal gaps between taps, 0 for a dense kernel"}},
    {1, {"bias", &Shape::bias, 1, 0, 0, 1, "1 with bias, 0 without"}},
});

/// Those of the layers of a rank. Random volumes are smaller, so that they do not take longer.
template <int rank>
constexpr auto fields_of_rank() {
  std::array<Field<Shape>, 5 + 6 * rank> fields{};
  std::size_t count = 0;
  for (const RankedField& one : all_fields) {
    if (one.rank <= rank) {
      fields[count] = one.field;
      fields[count].fuzz_high = std::min<std::int64_t>(one.field.fuzz_high, rank == 3 ? 8 : 14);
      ++count;
    }
  }
  return fields;
}

}  // namespace flopmeter::conv
