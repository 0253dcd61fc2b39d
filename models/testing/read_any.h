// Any bytes read as a model, for what tries bytes that no writer makes.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/totals.h"

namespace flopmeter::testing {

/// A file in memory, under a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("model", MFD_CLOEXEC)) {
    if (descriptor_ < 0 ||
        write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("a file in memory cannot be written");
    }
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Reads them, to the sums over all nodes. Gives the line that refuses them, empty where they are read.
/// Anything else that is thrown is a fault, and so is a line that is two.
inline std::string read_any(std::string_view bytes) {
  const MemoryFile file(bytes);
  std::string refusal;
  try {
    const models::Model model = models::read_model_file(file.path(), {.dims = {{"*", 2}}});
    models::totals_of(model, Pass::forward);
    models::totals_of(model, Pass::backward_data);
  } catch (const BadInput& error) {
    refusal = error.what();
  } catch (const CountOverflow& error) {
    refusal = error.what();
  }
  if (refusal.find('\n') != std::string::npos) {
    throw std::logic_error("more than one line: " + refusal);
  }
  return refusal;
}

}  // namespace flopmeter::testing
