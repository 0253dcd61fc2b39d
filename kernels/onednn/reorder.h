// Bringing a tensor from one layout into another.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace flopmeter::onednn {

/// From memory to memory, as often as it is called. It is oneDNN's primitive; but where that one loses numbers at
/// the ends of blocks (3.7.2 does, 2.6.3 does not), layouts whose last blocks are not full are gone through here.
class Reorder {
 public:
  /// `further`: arguments beside the two memories, which have to outlive it. Throws dnnl::error.
  Reorder(dnnl::memory from, dnnl::memory to, const dnnl::primitive_attr& attributes = {},
          std::span<const dnnl_exec_arg_t> further = {});

  void operator()(dnnl::stream& stream) const;

 private:
  dnnl::memory from_, to_;
  std::optional<dnnl::memory> before_,
      behind_;  // row-major, where the primitive is not given from or to
  dnnl::reorder primitive_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

/// What a version of the library does wrong: the case is unavailable, with the reason.
struct KnownWrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// oneDNN's own reorder, for a primitive among others. Throws KnownWrong where it would lose numbers at the
/// ends of blocks.
dnnl::reorder::primitive_desc own_reorder(const dnnl::memory::desc& from,
                                          const dnnl::memory::desc& to);

/// Whether the last block of a dimension is not full. Layouts with more in them than elements, as sums of
/// 8-bit weights, are oneDNN's affair.
bool has_ends(const dnnl::memory::desc& desc);

/// Throws KnownWrong for a layout with more in it than elements whose ends oneDNN's reorder would lose: nothing
/// else can write what is in it beside the elements.
void require_reachable(const dnnl::memory::desc& desc);

/// Whether oneDNN's own reorder loses numbers: tried once, on weights of a convolution.
bool reorders_lose_ends();

}  // namespace flopmeter::onednn
