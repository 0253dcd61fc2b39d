#include "counters/executed/symbols/address_space.h"

#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <utility>

namespace flopmeter::executed {
namespace {

bool is_function(const Elf64_Sym& symbol) {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol.st_shndx != SHN_UNDEF;
}

template <class T>
std::vector<T> list(std::string_view file, std::uint64_t at, std::uint64_t count) {
  std::vector<T> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto value = value_at<T>(file, at + i * sizeof(T));
    if (!value) break;
    values.push_back(*value);
  }
  return values;
}

std::string_view contents(std::string_view file, const Elf64_Shdr& section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > file.size()) return {};
  return file.substr(section.sh_offset, section.sh_size);
}

// Not of what is mapped, but lies in no file that could name it: memfd, System V shared memory.
bool is_module(std::string_view path) {
  if (path == "[vdso]") return true;
  return path.starts_with('/') && !path.starts_with("/memfd:") && !path.starts_with("/dev/") &&
         !path.starts_with("/SYSV");
}

}  // namespace

SymbolTable::SymbolTable(const std::string& path) : file_(path) {
  const std::string_view file = file_.text();
  const auto header = value_at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64)
    return;
  for (const auto& segment : list<Elf64_Phdr>(file, header->e_phoff, header->e_phnum))
    if (segment.p_type == PT_LOAD)
      segments_.push_back({segment.p_offset, segment.p_filesz, segment.p_vaddr});
  const auto sections = list<Elf64_Shdr>(file, header->e_shoff, header->e_shnum);
  // A file has one of each at most.
  for (const unsigned wanted : {SHT_SYMTAB, SHT_DYNSYM}) {
    const auto section = std::ranges::find(sections, wanted, &Elf64_Shdr::sh_type);
    if (section == sections.end() || section->sh_link >= sections.size()) continue;
    table_ = contents(file, *section);
    names_ = contents(file, sections[section->sh_link]);
    read_symbols();
    if (!symbols_.empty()) break;
  }
}

void SymbolTable::read_symbols() {
  symbols_.reserve(table_.size() / sizeof(Elf64_Sym));
  for (std::uint32_t i = 0; const auto symbol = value_at<Elf64_Sym>(table_, i * sizeof(Elf64_Sym));
       ++i)
    if (is_function(*symbol)) symbols_.push_back({symbol->st_value, i});
  std::ranges::sort(symbols_);
}

SymbolTable::Found SymbolTable::find(std::uint64_t offset) const {
  const auto segment = std::ranges::find_if(segments_, [&](const Segment& candidate) {
    return offset - candidate.offset < candidate.size;
  });
  if (segment == segments_.end()) return {};
  const std::uint64_t address = offset - segment->offset + segment->address;
  auto after = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  // What reaches this far reaches the next symbol, or its end.
  std::uint64_t bytes = segment->size - (offset - segment->offset);
  if (after != symbols_.end()) bytes = std::min(bytes, after->address - address);
  // Functions may have an inner one: the nearest that reaches this far.
  constexpr int tries = 4;
  for (int i = 0; i < tries && after != symbols_.begin(); ++i) {
    const auto symbol = value_at<Elf64_Sym>(table_, (--after)->number * sizeof(Elf64_Sym)).value();
    if (symbol.st_size == 0 && i == 0) return {name_at(names_, symbol.st_name), bytes};
    if (const std::uint64_t within = address - symbol.st_value; within < symbol.st_size)
      return {name_at(names_, symbol.st_name), std::min(bytes, symbol.st_size - within)};
  }
  return {{}, bytes};
}

const SymbolTable& SymbolTables::of(const std::string& path) {
  std::unique_ptr<SymbolTable>& table = tables_[path];
  if (table == nullptr) table = std::make_unique<SymbolTable>(path);
  return *table;
}

AddressSpace::AddressSpace(std::string_view maps, SymbolTables& tables) : tables_(tables) {
  std::istringstream lines{std::string(maps)};
  for (std::string line; std::getline(lines, line);) {
    Mapping mapping{};
    int path_at = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %*s %lx %*s %*s %n", &mapping.begin, &mapping.end,
                    &mapping.offset, &path_at) != 3)
      continue;
    mapping.path =
        line.substr(std::min<std::size_t>(static_cast<std::size_t>(path_at), line.size()));
    if (is_module(mapping.path)) mappings_.push_back(std::move(mapping));
  }
}

Located AddressSpace::find(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(mappings_, address, {}, &Mapping::begin);
  if (after == mappings_.begin() || address >= std::prev(after)->end) return {};
  const Mapping& mapping = *std::prev(after);
  const std::uint64_t offset = address - mapping.begin + mapping.offset;
  const SymbolTable::Found found = tables_.of(mapping.path).find(offset);
  return {{mapping.path, std::string(found.name)},
          address + std::min(found.bytes, mapping.end - address)};
}

}  // namespace flopmeter::executed
