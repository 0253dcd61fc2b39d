#include "counters/preload/space.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

std::uint64_t number_of(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

}  // namespace

constinit Space space;

bool Space::open(const char* path) {
  const long file = system_call(__NR_open, number_of(path), O_RDWR | O_CLOEXEC);
  if (has_failed(file)) return false;
  const long pages = system_call(__NR_mmap, 0, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                                 static_cast<std::uint64_t>(file), 0);
  system_call(__NR_close, static_cast<std::uint64_t>(file));
  if (has_failed(pages)) return false;
  header_ = reinterpret_cast<SpaceHeader*>(pages);
  return header_->magic == SpaceHeader::magic_value;
}

// The file is closed, so that nobody closes it or needs the right to open it: what is mapped of it
// already is mapped once more, farther.
std::uint8_t* Space::allocate(std::size_t bytes, std::uint64_t& offset, void* place) {
  bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
  offset = header_->end.fetch_add(bytes);
  const long all = system_call(__NR_mremap, number_of(header_), 0, offset + bytes, MREMAP_MAYMOVE);
  if (has_failed(all)) return nullptr;
  const std::uint64_t part = static_cast<std::uint64_t>(all) + offset;
  system_call(__NR_munmap, static_cast<std::uint64_t>(all), offset);
  if (place == nullptr) return reinterpret_cast<std::uint8_t*>(part);
  const long moved =
      system_call(__NR_mremap, part, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, number_of(place));
  return has_failed(moved) ? nullptr : static_cast<std::uint8_t*>(place);
}

std::uint8_t* pages_of_space(std::size_t bytes, std::uint64_t& offset) {
  return space.allocate(bytes, offset);
}

}  // namespace flopmeter::executed
