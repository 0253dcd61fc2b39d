// Layouts of oneDNN, for tensors that go from one primitive to another.
#pragma once

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "kernels/network/slot.h"

namespace flopmeter::onednn {

/// A tensor as a primitive has it, and the same as row-major data seen with its dimensions (strided
/// for a transposed view).
class TensorLayout final : public Layout {
 public:
  /// `step`: of 8-bit integers, what a unit of them is.
  TensorLayout(dnnl::memory::desc made, dnnl::memory::desc plain, float step = 1)
      : made_(std::move(made)), plain_(std::move(plain)), step_(step) {}

  std::string name() const override;
  std::size_t bytes() const override { return made_.get_size(); }
  bool is_plain() const override { return made_ == plain_; }
  bool is_real() const override;
  bool same_as(const Layout& other) const override;
  std::shared_ptr<const Layout> as_plain() const override;
  std::shared_ptr<const Layout> with_codes(const Codes& codes) const override;
  std::function<void()> converter(const Layout* other, void* from, void* to,
                                  int threads) const override;
  std::function<void()> converter_from_plain(void* from, void* to, int threads) const override;

  const dnnl::memory::desc& made() const { return made_; }
  const dnnl::memory::desc& plain() const { return plain_; }

  /// The same bytes with those dimensions, row by row the same numbers; none where that cannot be
  /// said, as of a blocked dimension that is split.
  std::optional<dnnl::memory::desc> with_dims(const dnnl::memory::dims& dims) const;

  /// The same bytes in the dimensions of another layout of the tensor.
  std::optional<dnnl::memory::desc> seen_as(const TensorLayout& other) const;

 private:
  dnnl::memory::desc made_, plain_;
  float step_;
};

}  // namespace flopmeter::onednn
