#include "counters/executed/symbols/address_space.h"

#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace flopmeter::executed {
namespace {

template <class T>
bool get(std::string_view file, std::uint64_t at, T& value) {
  if (at > file.size() || file.size() - at < sizeof value) return false;
  std::memcpy(&value, file.data() + at, sizeof value);
  return true;
}

std::string_view part(std::string_view file, std::uint64_t at, std::uint64_t size) {
  return at > file.size() ? std::string_view{} : file.substr(at, size);
}

std::string_view contents(std::string_view file, const Elf64_Shdr& section) {
  return section.sh_type == SHT_NOBITS ? std::string_view{}
                                       : part(file, section.sh_offset, section.sh_size);
}

bool is_function(const Elf64_Sym& symbol) {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol.st_shndx != SHN_UNDEF;
}

std::string_view name_at(std::string_view names, std::uint32_t at) {
  const std::string_view rest = part(names, at, names.size());
  return rest.substr(0, rest.find('\0'));
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Not of what is mapped, but lies in no file that could name it: memfd, System V shared memory.
bool is_module(std::string_view path) {
  if (path == "[vdso]") return true;
  return path.starts_with('/') && !path.starts_with("/memfd:") && !path.starts_with("/dev/") &&
         !path.starts_with("/SYSV");
}

}  // namespace

SymbolTable::SymbolTable(const std::string& path) {
  read(read_whole(path));
  std::ranges::stable_sort(symbols_, {}, &Symbol::address);
}

void SymbolTable::read(std::string_view file) {
  Elf64_Ehdr header;
  if (!get(file, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64)
    return;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (get(file, header.e_phoff + i * sizeof segment, segment) && segment.p_type == PT_LOAD)
      segments_.push_back({segment.p_offset, segment.p_filesz, segment.p_vaddr});
  }
  for (const unsigned wanted : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (unsigned i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr section;
      Elf64_Shdr names;
      if (get(file, header.e_shoff + i * sizeof section, section) && section.sh_type == wanted &&
          get(file, header.e_shoff + section.sh_link * sizeof names, names))
        read_symbols(file, contents(file, section), contents(file, names));
    }
    if (!symbols_.empty()) return;
  }
}

void SymbolTable::read_symbols(std::string_view, std::string_view section, std::string_view names) {
  Elf64_Sym symbol;
  for (std::uint64_t at = 0; get(section, at, symbol); at += sizeof symbol)
    if (is_function(symbol))
      symbols_.push_back(
          {symbol.st_value, symbol.st_size, std::string(name_at(names, symbol.st_name))});
}

std::string_view SymbolTable::find(std::uint64_t offset) const {
  const auto segment = std::ranges::find_if(segments_, [&](const Segment& candidate) {
    return offset - candidate.offset < candidate.size;
  });
  if (segment == segments_.end()) return {};
  const std::uint64_t address = offset - segment->offset + segment->address;
  auto after = std::ranges::upper_bound(symbols_, address, {}, &Symbol::address);
  // Functions may have an inner one: the nearest that reaches this far.
  constexpr int tries = 4;
  for (int i = 0; i < tries && after != symbols_.begin(); ++i) {
    const Symbol& symbol = *--after;
    if (symbol.size == 0 ? i == 0 : address - symbol.address < symbol.size) return symbol.name;
  }
  return {};
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

Place AddressSpace::find(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(mappings_, address, {}, &Mapping::begin);
  if (after == mappings_.begin() || address >= std::prev(after)->end) return {};
  const Mapping& mapping = *std::prev(after);
  const std::uint64_t offset = address - mapping.begin + mapping.offset;
  return {mapping.path, std::string(tables_.of(mapping.path).find(offset))};
}

}  // namespace flopmeter::executed
