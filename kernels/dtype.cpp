#include "kernels/dtype.h"

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::int64_t bytes;
  double roundoff;
};

constexpr std::array<DtypeRow, 4> dtypes{{
    {Dtype::f32, "f32", 4, 0x1p-24},
    {Dtype::bf16, "bf16", 2, 0x1p-8},
    {Dtype::f16, "f16", 2, 0x1p-11},
    {Dtype::s8, "s8", 1, 0},
}};

constexpr std::array<std::string_view, 3> passes{"forward", "backward_data", "backward_weights"};

const DtypeRow& row(Dtype dtype) { return dtypes.at(static_cast<std::size_t>(dtype)); }

}  // namespace

std::string_view to_string(Dtype dtype) { return row(dtype).name; }
std::string_view to_string(Pass pass) { return passes.at(static_cast<std::size_t>(pass)); }
std::int64_t size_of(Dtype dtype) { return row(dtype).bytes; }
double unit_roundoff(Dtype dtype) { return row(dtype).roundoff; }

Dtype parse_dtype(std::string_view name) {
  for (const DtypeRow& candidate : dtypes) {
    if (candidate.name == name) {
      return candidate.dtype;
    }
  }
  bad_input("unknown dtype '{}': one of f32, bf16, f16, s8", name);
}

Pass parse_pass(std::string_view name) {
  for (const Pass pass : all_passes) {
    if (to_string(pass) == name) {
      return pass;
    }
  }
  bad_input("unknown pass '{}': one of forward, backward_data, backward_weights", name);
}

}  // namespace flopmeter
