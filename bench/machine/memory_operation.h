// What a bandwidth loop asks of memory.
#pragma once

#include <span>
#include <string_view>

namespace flopmeter {

/// Each goes through its arrays from the beginning to the end:
///   load               reads a
///   store              writes a
///   copy               a = b
///   triad              a = b + s * c, in f32
///   nontemporal_store  writes a past the caches
enum class MemoryOperation { load, store, copy, triad, nontemporal_store };

/// Every operation, in the order of every output.
std::span<const MemoryOperation> memory_operations();

/// "load", "store", "copy", "triad", "non-temporal store".
std::string_view name_of(MemoryOperation operation);

/// Arrays that it goes through: 1, of copy 2, of triad 3.
int streams(MemoryOperation operation);

}  // namespace flopmeter
