#include "kernels/onednn/version.h"

#include <fmt/format.h>
#include <oneapi/dnnl/dnnl.h>

#include <utility>

namespace flopmeter::onednn {

bool is_at_least(int major, int minor) {
  const dnnl_version_t* v = dnnl_version();
  return std::pair(v->major, v->minor) >= std::pair(major, minor);
}

bool uses_isa(unsigned isa) {
  return (static_cast<unsigned>(dnnl_get_effective_cpu_isa()) & isa) == isa;
}

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return fmt::format("{}.{}.{}", v->major, v->minor, v->patch);
}

}  // namespace flopmeter::onednn
