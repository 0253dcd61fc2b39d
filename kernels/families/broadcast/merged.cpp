#include "kernels/families/broadcast/merged.h"

namespace flopmeter::broadcast {
namespace {

/// Whether dimensions of these sizes can be one dimension: neither source is repeated in one of
/// them and not in the other.
bool alike(std::int64_t a_outer, std::int64_t b_outer, std::int64_t a, std::int64_t b) {
  const bool a_repeated = a_outer < b_outer;
  const bool b_repeated = b_outer < a_outer;
  return a_repeated == (a < b) && b_repeated == (b < a);
}

}  // namespace

Shape merged(const Shape& s) {
  const Dims a = s.a();
  const Dims b = s.b();
  Dims to_a{1, 1, 1, 1};
  Dims to_b{1, 1, 1, 1};
  std::size_t at = 3;
  for (std::size_t i = 4; i-- > 0;) {
    const bool nothing = a[i] == 1 && b[i] == 1;
    const bool empty = to_a[at] == 1 && to_b[at] == 1;
    if (!nothing && !empty && !alike(a[i], b[i], to_a[at], to_b[at])) {
      --at;
    }
    to_a[at] *= a[i];
    to_b[at] *= b[i];
  }
  return {to_a[0], to_a[1], to_a[2], to_a[3], to_b[0], to_b[1], to_b[2], to_b[3]};
}

}  // namespace flopmeter::broadcast
