#include "counters/preload/restartable.h"

#include <asm/unistd_64.h>
#include <dlfcn.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

/// The start of the kernel's struct rseq.
struct Sequence {
  std::uint32_t cpu_start;
  std::uint32_t cpu;
};

std::uint64_t thread_pointer() {
  std::uint64_t pointer = 0;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

// Of the C library, where a program may have a copy of it; made read-only when it was started.
void set_size_to_none(void* size) {
  if (size == nullptr) return;
  const std::uint64_t page = reinterpret_cast<std::uint64_t>(size) / page_bytes * page_bytes;
  const auto protect = [page](int protection) {
    return system_call(__NR_mprotect, page, page_bytes, static_cast<std::uint64_t>(protection));
  };
  if (has_failed(protect(PROT_READ | PROT_WRITE))) return;
  *static_cast<volatile unsigned*>(size) = 0;
  // The linker has not made it read-only yet, or does so again.
  protect(PROT_READ);
}

}  // namespace

void leave_restartable_sequences() {
  constexpr std::uint64_t unregister = 1;
  constexpr std::uint64_t signature = 0x53053053;
  constexpr std::uint64_t least_size = 32;
  constexpr std::uint32_t failed = 0xfffffffe;  // RSEQ_CPU_ID_REGISTRATION_FAILED
  const auto* const offset = static_cast<std::ptrdiff_t*>(dlsym(RTLD_DEFAULT, "__rseq_offset"));
  auto* const size = static_cast<unsigned*>(dlsym(RTLD_DEFAULT, "__rseq_size"));
  if (offset == nullptr || size == nullptr || *size == 0) return;
  const std::uint64_t area = thread_pointer() + static_cast<std::uint64_t>(*offset);
  const std::uint64_t registered = *size < least_size ? least_size : *size;
  system_call(__NR_rseq, area, registered, unregister, signature);
  auto* const sequence = reinterpret_cast<volatile Sequence*>(area);
  sequence->cpu_start = 0;
  sequence->cpu = failed;
  set_size_to_none(size);
}

}  // namespace flopmeter::executed
