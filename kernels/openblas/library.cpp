#include "kernels/openblas/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace flopmeter::openblas {
namespace {

// Of every flavour: with POSIX threads, with OpenMP, without.
constexpr auto soname = "libopenblas.so.0";

template <class Function>
bool bind(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

std::variant<Library, std::string> load() {
  void* const handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fmt::format("{} is not here (package libopenblas0)", soname);
  }
  Library found;
  if (!bind(handle, "cblas_sgemm", found.sgemm) || !bind(handle, "cblas_saxpy", found.saxpy) ||
      !bind(handle, "openblas_set_num_threads", found.set_num_threads) ||
      !bind(handle, "openblas_get_parallel", found.get_parallel) ||
      !bind(handle, "openblas_get_corename", found.get_corename)) {
    return fmt::format("{} lacks a function: {}", soname, dlerror());
  }
  return found;
}

}  // namespace

const std::variant<Library, std::string>& library() {
  static const std::variant<Library, std::string> found = load();
  return found;
}

}  // namespace flopmeter::openblas
