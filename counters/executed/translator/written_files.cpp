// Compiled without vector registers, as the dispatcher that calls it.
#include "counters/executed/translator/written_files.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "counters/executed/translator/context.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

// How a call that opens a file names it.
struct OpeningForm {
  std::uint64_t call;
  int folder;  // a register; -1: none
  int path;
  int flags;  // -1: creat, which has none
  bool flags_in_memory;
};

constexpr OpeningForm opening_forms[] = {
    {__NR_open, -1, rdi, rsi, false},
    {__NR_creat, -1, rdi, -1, false},
    {__NR_openat, rdi, rsi, rdx, false},
    {__NR_openat2, rdi, rsi, rdx, true},
};

std::uint64_t flags_of_open(const OpeningForm& form, const std::uint64_t* registers) {
  if (form.flags < 0) return O_CREAT | O_WRONLY;
  const std::uint64_t flags = registers[form.flags];
  if (!form.flags_in_memory) return flags;
  return is_readable(flags) ? *reinterpret_cast<const std::uint64_t*>(flags) : 0;
}

}  // namespace

// A pipe or a terminal may keep the call waiting: that is no affair of the dispatcher.
bool WrittenFiles::opens_to_write(const std::uint64_t* registers) {
  for (const OpeningForm& form : opening_forms) {
    if (registers[rax] != form.call) continue;
    const std::uint64_t flags = flags_of_open(form, registers);
    if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH) != 0) return false;
    struct stat status;
    const long result =
        system_call(__NR_newfstatat,
                    form.folder < 0 ? static_cast<std::uint64_t>(AT_FDCWD) : registers[form.folder],
                    registers[form.path], reinterpret_cast<std::uint64_t>(&status), 0);
    return has_failed(result) ? (flags & O_CREAT) != 0 : S_ISREG(status.st_mode);
  }
  return false;
}

WrittenFiles::Range WrittenFiles::note_opened(std::uint64_t file, Changeable& changeable) {
  struct stat status;
  if (system_call(__NR_fstat, file, reinterpret_cast<std::uint64_t>(&status)) != 0) return {};
  const File opened{status.st_dev, status.st_ino};
  const std::uint32_t known = written_count_ < capacity ? written_count_ : capacity;
  for (std::uint32_t i = 0; i < known; ++i)
    if (written_[i] == opened) return {};
  written_[written_count_++ % capacity] = opened;
  const std::uint32_t mapped = mapped_count_ < capacity ? mapped_count_ : capacity;
  Range all;
  for (std::uint32_t i = 0; i < mapped; ++i) {
    if (!(mapped_[i].file == opened)) continue;
    changeable.map(mapped_[i].begin, mapped_[i].end, PROT_EXEC, true);
    all.begin = all.begin < mapped_[i].begin ? all.begin : mapped_[i].begin;
    all.end = all.end > mapped_[i].end ? all.end : mapped_[i].end;
  }
  return all;
}

bool WrittenFiles::maps_written(std::uint64_t file, std::uint64_t begin, std::uint64_t end,
                                bool runs) {
  struct stat status;
  if (system_call(__NR_fstat, file, reinterpret_cast<std::uint64_t>(&status)) != 0) return true;
  if (status.st_nlink == 0) return true;
  const File mapped{status.st_dev, status.st_ino};
  const std::uint32_t known = written_count_ < capacity ? written_count_ : capacity;
  for (std::uint32_t i = 0; i < known; ++i)
    if (written_[i] == mapped) return true;
  if (runs) mapped_[mapped_count_++ % capacity] = {mapped, begin, end};
  return false;
}

}  // namespace flopmeter::executed
