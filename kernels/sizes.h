// Spatial sizes of which the last may be left out: ih7 is a square, iw7 a row, no size a point.
#pragma once

#include "kernels/field.h"

namespace flopmeter {

/// As in benchdnn, giving only the highest spatial dimension means a square or a cube.
template <class Shape>
void complete_sizes(Shape& s) {
  s.ih = s.ih != unset ? s.ih : s.id != unset ? s.id : 1;
  s.iw = s.iw != unset ? s.iw : s.ih;
  s.id = s.id != unset ? s.id : 1;
}

}  // namespace flopmeter
