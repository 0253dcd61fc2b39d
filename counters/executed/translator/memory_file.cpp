// Compiled without vector registers, as the dispatcher that calls it.
#include "counters/executed/translator/memory_file.h"

#include <asm/unistd_64.h>
#include <fcntl.h>

#include "counters/executed/translator/context.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

constexpr std::uint32_t longest = 256;  // name of a file

struct Name {
  char text[longest];
  std::uint32_t length = 0;

  bool ends_with_mem() const {
    if (length < 3 || text[length - 3] != 'm' || text[length - 2] != 'e' || text[length - 1] != 'm')
      return false;
    return length == 3 || text[length - 4] == '/';
  }
};

// A longer one is no name of such a file, and one that cannot be read is none.
void read_name(std::uint64_t address, Name& name) {
  for (; name.length < longest; ++name.length) {
    const std::uint64_t at = address + name.length;
    if ((name.length == 0 || at % page_bytes == 0) && !is_readable(at)) break;
    name.text[name.length] = *reinterpret_cast<const char*>(at);
    if (name.text[name.length] == 0) return;
  }
  name.length = 0;
}

// Decimal digits behind what is there; the end.
char* append(char* to, std::uint64_t number) {
  if (number >= 10) to = append(to, number / 10);
  *to = static_cast<char>('0' + number % 10);
  return to + 1;
}

// "mem" of a process, by where the kernel says that the file is.
bool is_memory(std::uint64_t file) {
  char path[40] = "/proc/self/fd/";
  constexpr std::uint32_t folder = 14;
  *append(path + folder, file) = 0;
  Name name;
  const long length = system_call(__NR_readlink, reinterpret_cast<std::uint64_t>(path),
                                  reinterpret_cast<std::uint64_t>(name.text), longest);
  if (has_failed(length)) return false;
  name.length = static_cast<std::uint32_t>(length);
  return name.ends_with_mem();
}

// How a call that writes names the file, and where in it. The rest writes where the file stands.
struct Form {
  std::uint64_t call;
  int file;    // a register
  int offset;  // a register; -1: none
};

constexpr Form forms[] = {
    {__NR_write, rdi, -1},    {__NR_writev, rdi, -1},          {__NR_pwrite64, rdi, r10},
    {__NR_pwritev, rdi, r10}, {__NR_pwritev2, rdi, r10},       {__NR_sendfile, rdi, -1},
    {__NR_splice, rdx, -1},   {__NR_copy_file_range, rdx, -1},
};

const Form* form_of(std::uint64_t call) {
  for (const Form& form : forms)
    if (form.call == call) return &form;
  return nullptr;
}

}  // namespace

bool opens_memory(const std::uint64_t* registers) {
  const std::uint64_t call = registers[rax];
  const bool at = call == __NR_openat || call == __NR_openat2;
  if (!at && call != __NR_open) return false;
  Name name;
  read_name(registers[at ? rsi : rdi], name);
  return name.ends_with_mem();
}

bool is_write(std::uint64_t call) { return form_of(call) != nullptr; }

Written written_memory(const std::uint64_t* registers, std::uint64_t call, long bytes) {
  const Form* const form = form_of(call);
  if (form == nullptr || bytes <= 0 || !is_memory(registers[form->file])) return {};
  const auto size = static_cast<std::uint64_t>(bytes);
  std::uint64_t begin = form->offset < 0 ? ~std::uint64_t{0} : registers[form->offset];
  // pwritev2 may be told so, too.
  if (begin == ~std::uint64_t{0}) {
    constexpr std::uint64_t from_here = 1;  // SEEK_CUR
    begin =
        static_cast<std::uint64_t>(system_call(__NR_lseek, registers[form->file], 0, from_here)) -
        size;
  }
  return {begin, begin + size};
}

}  // namespace flopmeter::executed
