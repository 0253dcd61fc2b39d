// Where a function of a library stands that is opened at its first use; see stub.inc.
#include <dlfcn.h>
#include <fmt/format.h>

#include <stdexcept>

extern "C" void* flopmeter_find_delayed(const char* library, const char* function) {
  void* const handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  void* const address = handle == nullptr ? nullptr : dlsym(handle, function);
  if (address == nullptr) {
    throw std::runtime_error(fmt::format("cannot use {}: {}", library, dlerror()));
  }
  return address;
}
