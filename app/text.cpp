#include "app/text.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace flopmeter {

// The names of types are mangled as well, to "f" and "Ss": names of functions in C, too.
std::string demangled(const std::string& symbol) {
  if (!symbol.starts_with("_Z")) {
    return symbol;
  }
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : symbol;
}

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}
Progress::~Progress() { clear(); }

void Progress::show(std::size_t done, std::size_t total, std::string_view what) {
  if (terminal_) {
    std::fputs(fmt::format("\r\x1b[K{}/{} {}", done, total, what.substr(0, 60)).c_str(), stderr);
    std::fflush(stderr);
    shown_ = true;
  }
}

void Progress::clear() {
  if (shown_) {
    std::fputs("\r\x1b[K", stderr);
    shown_ = false;
  }
}

}  // namespace flopmeter
