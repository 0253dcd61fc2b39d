#include "app/exec_needs.h"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "counters/executed/symbols/mapped_file.h"

namespace flopmeter {
namespace {

/// Reads what the program headers of an ELF file lead to; nothing of it is trusted.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : file_(path) {
    const auto header = executed::value_at<Elf64_Ehdr>(file_.text(), 0);
    constexpr unsigned most_segments = 1000;
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_phnum > most_segments) {
      return;
    }
    for (unsigned i = 0; i < header->e_phnum; ++i) {
      if (const auto segment = executed::value_at<Elf64_Phdr>(
              file_.text(), header->e_phoff + i * sizeof(Elf64_Phdr))) {
        segments_.push_back(*segment);
      }
    }
  }

  std::string name_at(std::uint64_t offset) const {
    return std::string(executed::name_at(file_.text(), offset));
  }

  /// Up to the entry that ends the list.
  std::vector<Elf64_Dyn> dynamic_entries() const {
    std::vector<Elf64_Dyn> entries;
    for (const Elf64_Phdr& segment : segments_) {
      constexpr std::uint64_t most_entries = 10000;
      for (std::uint64_t i = 0; segment.p_type == PT_DYNAMIC && i < most_entries; ++i) {
        const auto entry =
            executed::value_at<Elf64_Dyn>(file_.text(), segment.p_offset + i * sizeof(Elf64_Dyn));
        if (!entry || entry->d_tag == DT_NULL) {
          break;
        }
        entries.push_back(*entry);
      }
    }
    return entries;
  }

  /// One segment that is written, and all of it is in the file.
  bool is_saved_from_memory() const {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0) {
        return segment.p_filesz == segment.p_memsz;
      }
    }
    return false;
  }

  std::vector<std::string> read_only_segments() const {
    constexpr std::uint64_t longest = 64U << 20;
    std::vector<std::string> texts;
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && segment.p_flags == PF_R && segment.p_filesz <= longest) {
        texts.emplace_back(
            executed::from(file_.text(), segment.p_offset).substr(0, segment.p_filesz));
      }
    }
    return texts;
  }

  std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && address - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (address - segment.p_vaddr);
      }
    }
    return std::nullopt;
  }

 private:
  executed::MappedFile file_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace

std::vector<std::string> needed_libraries(const std::string& path) {
  const ElfFile file(path);
  const std::vector<Elf64_Dyn> entries = file.dynamic_entries();
  std::optional<std::uint64_t> names;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) {
      names = file.offset_of(entry.d_un.d_ptr);
    }
  }
  std::vector<std::string> libraries;
  for (const Elf64_Dyn& entry : entries) {
    if (names && entry.d_tag == DT_NEEDED) {
      libraries.push_back(file.name_at(*names + entry.d_un.d_val));
    }
  }
  return libraries;
}

std::vector<std::string> data_of_saved_program(const std::string& path) {
  const ElfFile file(path);
  return file.is_saved_from_memory() ? file.read_only_segments() : std::vector<std::string>();
}

}  // namespace flopmeter
