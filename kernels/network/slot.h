// Where a tensor of a network lies, and in which layout: what a kernel is offered, and what it asks
// for.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/network/after.h"
#include "kernels/network/eight_bits.h"

namespace flopmeter {

/// A layout that a backend has chosen for a tensor; only that backend knows what it is.
class Layout {
 public:
  Layout() = default;
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  virtual ~Layout() = default;

  virtual std::string name() const = 0;  // "nChw16c"
  virtual std::size_t bytes() const = 0;
  /// Row-major f32, as Tensors have it.
  virtual bool is_plain() const = 0;
  /// Whether it holds all that f32 does, or a roundoff less: not so of 8-bit integers.
  virtual bool is_real() const { return true; }
  /// Whether a tensor lies the same in both.
  virtual bool same_as(const Layout& other) const = 0;
  /// The same tensor row by row: a layout of the same backend, for which is_plain().
  virtual std::shared_ptr<const Layout> as_plain() const = 0;
  /// The same order of elements, of 8 bits as this is, as other codes.
  virtual std::shared_ptr<const Layout> with_codes(const Codes& codes) const = 0;
  /// What brings a tensor that lies at `from` in this layout to `to` in the other one, which is of
  /// the same backend, or plain where there is none. Made once, run again and again.
  virtual std::function<void()> converter(const Layout* other, void* from, void* to,
                                          int threads) const = 0;
  /// The other way round, from plain.
  virtual std::function<void()> converter_from_plain(void* from, void* to, int threads) const = 0;
};

/// One operand of a node. The kernel that takes a Slot leaves the tensor's data alone, and says in
/// prepare how it takes or makes the tensor; data are there once it is asked to `place`.
struct Slot {
  /// How the tensor lies, or would; none: plain. A kernel may adapt to it.
  std::shared_ptr<const Layout> offered = nullptr;
  /// How the kernel reads or writes it; none: it does not use it.
  std::shared_ptr<const Layout> chosen = nullptr;
  std::byte* data = nullptr;
  /// Of a result: what else the kernel is to do to it. A sum is with what lies where the result is
  /// written, in the same layout. A kernel that does so says it; others leave it undone.
  std::vector<After> after = {};
  bool does_after = false;
  /// Of a source, where the node is to be computed in 8-bit integers.
  const EightBits* eight_bits = nullptr;
  /// Of a result, where it is to be written in 8 bits.
  const EightBits* result_bits = nullptr;
};

}  // namespace flopmeter
