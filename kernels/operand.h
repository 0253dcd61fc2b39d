// The tensors a layer reads and writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/dtype.h"

namespace flopmeter {

/// `parameter`: learned, counted as parameters. `input` and `output`: activations, and gradients.
/// `saved`: what the forward pass keeps for the backward ones, which have it as an input of the
/// same name; nobody but the reference has to write it. backward_data may save for
/// backward_weights. `context`: what only backends read that do the work of another pass again.
enum class Role { input, parameter, output, saved, context };

/// Whether the pass writes tensors of that role.
constexpr bool written(Role role) { return role == Role::output || role == Role::saved; }

/// The values that make sense for a tensor: any of either sign, positive ones (variances), or the
/// integers 0 <= i < `below`. Any values are multiplied by `scale`, a power of two: weights that
/// are applied again and again must be small, or rounding errors grow from step to step.
struct Domain {
  enum class Kind { any, positive, index } kind = Kind::any;
  std::int64_t below = 0;
  float scale = 1;
};

inline constexpr std::int64_t all_elements = -1;

/// One tensor: its name (oneDNN's: src, weights, bias, dst, diff_src), row-major dimensions, role.
/// `touched`: how many of its elements a call needs, where these are not all (a look-up).
struct Operand {
  std::string_view name;
  std::vector<std::int64_t> dims;
  Role role;
  Domain domain = {};
  std::int64_t touched = all_elements;
};

/// The tensors of y = f(x, weights), from which the operands of all passes follow. `biases`: one a
/// channel of y, or 0 for none.
struct Weighted {
  std::vector<std::int64_t> x, weights, y;
  std::int64_t biases = 0;
  Role role = Role::parameter;  // of the weights
};
std::vector<Operand> weighted_operands(const Weighted&, Pass);

/// Number of elements. Throws CountOverflow.
std::int64_t elements(const Operand& operand);

/// Elements of all parameters of a layer. Throws CountOverflow.
std::int64_t parameter_elements(std::span<const Operand> operands);

/// Elements that must be moved at the least: every operand, or what is touched of it, once, but for
/// saved ones and context. Throws CountOverflow.
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

struct Slot;

/// The data of a layer's operands, by name. Row-major, contiguous, in the layer's plain layout.
/// Owns the data, or views that of other Tensors.
template <class T>
class Tensors {
 public:
  /// Storage of the operands' sizes, zero.
  explicit Tensors(std::span<const Operand> operands) {
    for (const Operand& operand : operands) {
      add(operand.name, operand.role, operand.domain, static_cast<std::size_t>(elements(operand)));
    }
  }
  Tensors(std::initializer_list<Operand> operands)
      : Tensors(std::span(operands.begin(), operands.size())) {}

  Tensors(const Tensors& other) { copy(other); }
  Tensors& operator=(const Tensors&) = delete;
  Tensors(Tensors&&) noexcept = default;
  Tensors& operator=(Tensors&&) noexcept = default;
  ~Tensors() = default;

  /// The same data in another scalar type.
  template <class U>
  explicit Tensors(const Tensors<U>& other) {
    copy(other);
  }

  struct Entry {
    std::string_view name;
    Role role;
    Domain domain;
    AlignedVector<T> owned;  // empty where the data belongs to others
    std::span<T> data;
    Slot* slot = nullptr;  // of a tensor of a network, which may lie in other layouts
  };

  /// Adds a view of data that must outlive this.
  void view(std::string_view name, Role role, std::span<T> data, Slot* slot = nullptr) {
    entries_.push_back({name, role, {}, {}, data, slot});
  }

  /// The operand's first element, or null when the layer has no operand of that name.
  T* operator[](std::string_view name) {
    Entry* entry = find(name);
    return entry == nullptr ? nullptr : entry->data.data();
  }

  /// The same with its role and size.
  Entry* find(std::string_view name) {
    for (Entry& entry : entries_) {
      if (entry.name == name) {
        return &entry;
      }
    }
    return nullptr;
  }

  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  Entry& add(std::string_view name, Role role, Domain domain, std::size_t size) {
    entries_.push_back({name, role, domain, AlignedVector<T>(size, T(0)), {}, nullptr});
    entries_.back().data = entries_.back().owned;
    return entries_.back();
  }

  template <class U>
  void copy(const Tensors<U>& other) {
    for (const auto& entry : other.entries()) {
      std::span<T> data = add(entry.name, entry.role, entry.domain, entry.data.size()).data;
      for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = T(static_cast<double>(entry.data[i]));
      }
    }
  }

  std::vector<Entry> entries_;
};

/// The data of all outputs, one behind the other.
template <class T>
std::vector<T> output_values(const Tensors<T>& tensors) {
  std::vector<T> values;
  for (const auto& entry : tensors.entries()) {
    if (entry.role == Role::output) {
      values.insert(values.end(), entry.data.begin(), entry.data.end());
    }
  }
  return values;
}

/// Fills inputs and parameters with numbers of either sign from 1/64 to 1, drawn from `seed`: 8
/// significant bits, which are exact in bf16, so that one truth serves every dtype; their products
/// spread over so many bits that sums round in f32; and a tap left out, doubled or taken from the
/// wrong place moves the result far beyond rounding. A domain restricts them. Outputs become NaN,
/// so that an element that a backend does not write is found.
void fill(Tensors<float>& tensors, std::uint64_t seed);

/// The same with numbers that 8-bit integers hold exactly: sources (`src`, `src_iter`) are
/// multiples of `u8_step` from 0 to 255 steps, all others multiples of `s8_step` from -63 to 63, so
/// that the sum of two products fits into 16 bits and no instruction set saturates.
void fill_quantized(Tensors<float>& tensors, std::uint64_t seed);
inline constexpr float u8_step = 1.0F / 128;
inline constexpr float s8_step = 1.0F / 64;

}  // namespace flopmeter
