#include "kernels/library_version.h"

#include <algorithm>
#include <array>

#ifdef FLOPMETER_HAS_ONEDNN
#include "kernels/onednn/version.h"
#endif

namespace flopmeter {
namespace {

struct Library {
  std::string_view backend;
  std::string (*version)();
};

/// Of the others the version is not known when they run, or they are flopmeter's own loops.
constexpr std::array libraries{
#ifdef FLOPMETER_HAS_ONEDNN
    Library{"onednn", onednn::version},
#endif
    Library{"", nullptr},
};

}  // namespace

std::string library_version(std::string_view backend) {
  const auto library = std::ranges::find(libraries, backend, &Library::backend);
  return library == libraries.end() || library->version == nullptr ? "" : library->version();
}

}  // namespace flopmeter
