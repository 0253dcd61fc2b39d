#include "counters/executed/translator/memory.h"

#include <asm/unistd_64.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>

#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {

Pages::Pages(std::size_t bytes)
    : data_(static_cast<std::uint8_t*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))),
      bytes_(bytes) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

Pages::~Pages() { munmap(data_, bytes_); }

std::uint8_t* private_pages(std::size_t bytes, std::uint64_t& /*offset*/) {
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(pages);
}

void unmap_pages(void* pages, std::size_t bytes) { munmap(pages, bytes); }

// A kernel that does not know how makes each page when it is touched.
void populate(void* pages, std::size_t bytes) {
  constexpr std::uint64_t populate_write = 23;  // MADV_POPULATE_WRITE
  system_call(__NR_madvise, reinterpret_cast<std::uint64_t>(pages), bytes, populate_write);
}

bool is_readable(std::uint64_t address) {
  // Of the first page it would not look: that is to say that there is no set.
  if (address < page_bytes) return false;
  // The kernel copies the set before it finds that there is no such action: EFAULT or EINVAL. It
  // must be asked without errno, which belongs to the guest.
  constexpr long no_such_action = -1;
  constexpr long set_bytes = 8;
  long result = SYS_rt_sigprocmask;
  register long fourth asm("r10") = set_bytes;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(no_such_action), "S"(address & ~std::uint64_t{7}), "d"(0L), "r"(fourth)
               : "rcx", "r11", "memory");
  return result != -EFAULT;
}

std::size_t readable_bytes(std::uint64_t address, std::size_t most) {
  if (!is_readable(address)) return 0;
  const std::size_t to_page_end = page_bytes - address % page_bytes;
  return most <= to_page_end || is_readable(address + most - 1) ? most : to_page_end;
}

}  // namespace flopmeter::executed
