// Which function of which file a code address of a process belongs to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "counters/executed/symbols/mapped_file.h"

namespace flopmeter::executed {

/// The functions that an ELF file names, of its full symbol table where it has one. dladdr would
/// know only those that a library exports.
class SymbolTable {
 public:
  /// Without symbols when the file cannot be read or is no 64-bit ELF file.
  explicit SymbolTable(const std::string& path);

  struct Found {
    std::string_view name = {};  // mangled; empty: unknown
    std::uint64_t bytes = 1;     // from the offset on, for which that holds as well
  };
  /// The function at that offset in the file. One without a size reaches to the next one.
  Found find(std::uint64_t offset) const;

 private:
  // The rest of it is read where it is looked for: there are many, most of which never are.
  struct Symbol {
    std::uint64_t address;
    std::uint32_t number;  // in the file's table

    auto operator<=>(const Symbol&) const = default;
  };
  struct Segment {
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t address;
  };

  void read_symbols();

  MappedFile file_;
  std::vector<Segment> segments_;
  std::string_view table_;  // of symbols, as the file has it
  std::string_view names_;
  std::vector<Symbol> symbols_;  // the functions, by address
};

/// Symbol tables by path, each read when it is first needed.
class SymbolTables {
 public:
  const SymbolTable& of(const std::string& path);

 private:
  std::map<std::string, std::unique_ptr<SymbolTable>> tables_;
};

/// Where an address is. Both are empty for code that was generated at run time, or whose file is no
/// longer mapped; the symbol alone, for a function without a name.
struct Place {
  std::string module;  // the path of the file, or [vdso]
  std::string symbol;  // mangled

  bool operator==(const Place&) const = default;
  auto operator<=>(const Place&) const = default;
};

struct Located {
  Place place = {};
  std::uint64_t end = 0;  // of the addresses from the one asked for on that are there, too
};

class AddressSpace {
 public:
  /// `maps` is the text of /proc/PID/maps. The tables must outlive this.
  AddressSpace(std::string_view maps, SymbolTables& tables);

  Located find(std::uint64_t address) const;

 private:
  struct Mapping {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t offset;  // in the file
    std::string path;
  };
  std::vector<Mapping> mappings_;  // by address, of files and [vdso] only
  SymbolTables& tables_;
};

}  // namespace flopmeter::executed
