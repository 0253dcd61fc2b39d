#include "counters/preload/uncountable.h"

#include <elf.h>
#include <sys/auxv.h>

#include <cstdint>
#include <string_view>

#include "counters/executed/uncountable.h"

namespace flopmeter::executed {
namespace {

/// The program itself, as the kernel has mapped it.
class MappedProgram {
 public:
  MappedProgram()
      : segments_(reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR))),
        count_(segments_ == nullptr ? 0 : getauxval(AT_PHNUM)) {
    // A program without PIE is where its headers say.
    if (const Elf64_Phdr* const table = find(PT_PHDR))
      base_ = reinterpret_cast<std::uint64_t>(segments_) - table->p_vaddr;
  }

  /// Whether what(name) is true of a library that it needs.
  template <class F>
  bool needs(const F& what) const {
    const Elf64_Phdr* const segment = find(PT_DYNAMIC);
    if (segment == nullptr) return false;
    const auto* const entries = reinterpret_cast<const Elf64_Dyn*>(base_ + segment->p_vaddr);
    const char* const names = names_of(entries);
    if (names == nullptr) return false;
    for (const Elf64_Dyn* entry = entries; entry->d_tag != DT_NULL; ++entry)
      if (entry->d_tag == DT_NEEDED && what(names + entry->d_un.d_val)) return true;
    return false;
  }

  /// Whether what(data) is true of read-only data of a program that was saved from memory.
  template <class F>
  bool holds(const F& what) const {
    if (!is_saved()) return false;
    for (std::uint64_t i = 0; i < count_; ++i)
      if (segments_[i].p_type == PT_LOAD && segments_[i].p_flags == PF_R &&
          what(
              {reinterpret_cast<const char*>(base_ + segments_[i].p_vaddr), segments_[i].p_filesz}))
        return true;
    return false;
  }

 private:
  bool is_saved() const {
    for (std::uint64_t i = 0; i < count_; ++i)
      if (segments_[i].p_type == PT_LOAD && (segments_[i].p_flags & PF_W) != 0)
        return segments_[i].p_filesz == segments_[i].p_memsz;
    return false;
  }

  const Elf64_Phdr* find(std::uint32_t type) const {
    for (std::uint64_t i = 0; i < count_; ++i)
      if (segments_[i].p_type == type) return &segments_[i];
    return nullptr;
  }

  // glibc has made it an address; other C libraries leave it relative.
  const char* names_of(const Elf64_Dyn* entry) const {
    while (entry->d_tag != DT_NULL && entry->d_tag != DT_STRTAB) ++entry;
    if (entry->d_tag == DT_NULL) return nullptr;
    const std::uint64_t value = entry->d_un.d_ptr;
    return reinterpret_cast<const char*>(value < base_ ? base_ + value : value);
  }

  const Elf64_Phdr* segments_;
  std::uint64_t count_;
  std::uint64_t base_ = 0;
};

}  // namespace

bool is_uncountable() {
  const MappedProgram program;
  return program.needs([](const char* library) { return find_uncountable(library) != nullptr; }) ||
         program.holds(
             [](std::string_view data) { return find_uncountable_image(data) != nullptr; });
}

}  // namespace flopmeter::executed
