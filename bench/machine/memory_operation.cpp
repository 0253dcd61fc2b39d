#include "bench/machine/memory_operation.h"

#include <array>

namespace flopmeter {

std::span<const MemoryOperation> memory_operations() {
  using enum MemoryOperation;
  static constexpr std::array all = {load, store, copy, triad, nontemporal_store};
  return all;
}

std::string_view name_of(MemoryOperation operation) {
  constexpr std::array<std::string_view, 5> names = {"load", "store", "copy", "triad",
                                                     "non-temporal store"};
  return names.at(static_cast<std::size_t>(operation));
}

int streams(MemoryOperation operation) {
  switch (operation) {
    case MemoryOperation::copy:
      return 2;
    case MemoryOperation::triad:
      return 3;
    default:
      return 1;
  }
}

}  // namespace flopmeter
