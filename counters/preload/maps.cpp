#include "counters/preload/maps.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstring>

#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

std::uint64_t text_address(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

// The whole text into the buffer; it ends with 0.
std::size_t read_maps(char* buffer, std::size_t size) {
  const long file = system_call(__NR_open, text_address("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
  if (has_failed(file)) return 0;
  std::size_t used = 0;
  while (used + 1 < size) {
    const long got = system_call(__NR_read, static_cast<std::uint64_t>(file),
                                 text_address(buffer + used), size - 1 - used);
    if (got <= 0) break;
    used += static_cast<std::size_t>(got);
  }
  system_call(__NR_close, static_cast<std::uint64_t>(file));
  buffer[used] = 0;
  return used;
}

void note_line(const char* line, Changeable& changeable) {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  char rights[5] = {};
  if (std::sscanf(line, "%lx-%lx %4s", &begin, &end, rights) != 3) return;
  constexpr std::uint64_t most = 1ULL << 30;  // that a stack grows down
  const char* const rest = std::strchr(line, '\n');
  const std::size_t length =
      rest == nullptr ? std::strlen(line) : static_cast<std::size_t>(rest - line);
  const bool stack = length > 7 && std::strncmp(line + length - 7, "[stack]", 7) == 0;
  const int protection = (rights[1] == 'w' ? PROT_WRITE : 0) | (rights[2] == 'x' ? PROT_EXEC : 0);
  changeable.map(stack ? begin - most : begin, end, protection, rights[3] == 's');
}

}  // namespace

void note_all_maps(SharedProcess& record, Changeable& changeable) {
  record.maps_size = 0;
  const std::size_t size = read_maps(record.maps, sizeof record.maps);
  const Locked lock(changeable.mutex);
  for (const char* line = record.maps; *line != 0;) {
    note_line(line, changeable);
    const char* const end = std::strchr(line, '\n');
    if (end == nullptr) break;
    line = end + 1;
  }
  record.maps_size = static_cast<std::uint32_t>(size);
}

}  // namespace flopmeter::executed
