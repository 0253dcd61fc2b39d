#include "kernels/generation/memory.h"

#include <sys/mman.h>

#include <new>

namespace flopmeter::generation {

Memory::Memory(std::int64_t bytes) : bytes_(bytes) {
  if (bytes <= 0) {
    return;
  }
  const auto size = static_cast<std::size_t>(bytes);
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    throw std::bad_alloc();
  }
  madvise(mapped, size, MADV_HUGEPAGE);
  data_ = std::shared_ptr<std::byte[]>(static_cast<std::byte*>(mapped),
                                       [size](std::byte* data) { munmap(data, size); });
}

}  // namespace flopmeter::generation
