// The tensors a layer reads and writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <vector>

namespace flopmeter {

/// `parameter`: learned, counted as parameters. `input` and `output`: activations.
enum class Role { input, parameter, output };

/// One tensor: its name (oneDNN's: src, weights, bias, dst), row-major dimensions and role.
struct Operand {
  std::string_view name;
  std::vector<std::int64_t> dims;
  Role role;
};

/// Number of elements. Throws CountOverflow.
std::int64_t elements(const Operand& operand);

/// Elements of all parameters of a layer. Throws CountOverflow.
std::int64_t parameter_elements(std::span<const Operand> operands);

/// Elements that must be moved at the least: every operand once. Throws CountOverflow.
std::int64_t compulsory_elements(std::span<const Operand> operands);

/// 64-byte aligned storage, so that no backend is penalised by a split cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};
  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, alignment); }
  bool operator==(const CacheLineAllocator&) const = default;
};

template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

/// The data of a layer's operands, by name. Row-major, contiguous, in the layer's plain layout.
template <class T>
class Tensors {
 public:
  /// Storage of the operands' sizes, zero.
  explicit Tensors(std::span<const Operand> operands) {
    for (const Operand& operand : operands) {
      entries_.push_back({operand.name, operand.role,
                          AlignedVector<T>(static_cast<std::size_t>(elements(operand)), T(0))});
    }
  }

  /// The same data in another scalar type.
  template <class U>
  explicit Tensors(const Tensors<U>& other) {
    for (const auto& entry : other.entries()) {
      AlignedVector<T> data(entry.data.size());
      for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = T(static_cast<double>(entry.data[i]));
      }
      entries_.push_back({entry.name, entry.role, std::move(data)});
    }
  }

  struct Entry {
    std::string_view name;
    Role role;
    AlignedVector<T> data;
  };

  /// The operand's first element, or null when the layer has no operand of that name.
  T* operator[](std::string_view name) {
    for (Entry& entry : entries_) {
      if (entry.name == name) {
        return entry.data.data();
      }
    }
    return nullptr;
  }

  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// Fills inputs and parameters with numbers of either sign from 1/64 to 1, drawn from `seed`: 8
/// significant bits, which are exact in bf16, so that one truth serves every dtype; their products
/// spread over so many bits that sums round in f32; and a tap left out, doubled or taken from the
/// wrong place moves the result far beyond rounding. Outputs become NaN, so that an element that a
/// backend does not write is found.
void fill(Tensors<float>& tensors, std::uint64_t seed);

}  // namespace flopmeter
