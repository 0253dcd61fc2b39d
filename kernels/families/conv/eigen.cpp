// Convolutions on top of Eigen's matrix product: im2col in blocks, the input itself where that is
// the same, and a kernel of our own for depthwise convolutions, which Eigen has no product for.
#include <omp.h>

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/families/conv/convolution.h"
#include "kernels/families/conv/depthwise.h"
#include "kernels/families/conv/im2col.h"

namespace flopmeter::conv {
namespace {

template <class T>
struct Pointers {
  const T* src;
  const T* weights;
  const T* bias;
  T* dst;

  explicit Pointers(Tensors<T>& tensors)
      : src(tensors["src"]),
        weights(tensors["weights"]),
        bias(tensors["bias"]),
        dst(tensors["dst"]) {}
};

/// The product of a part, in one group: the first channels start the sums, the others add to them.
eigen::GemmShape part_product(const Shape& s, const Blocks& blocks, const Part& part) {
  const std::int64_t taps = s.taps();
  return {s.oc / s.g,
          part.channels * taps,
          part.pixels,
          {s.ic / s.g * taps, false},
          {blocks.direct ? s.in_pixels() : part.pixels, false},
          s.out_pixels(),
          s.bias != 0 || part.first_channel != 0};
}

std::int64_t quotient_up(std::int64_t a, std::int64_t b) { return (a - 1) / b + 1; }

template <class T>
class Im2col {
 public:
  Im2col(const Shape& shape, Tensors<T>& tensors, int threads)
      : s_(shape), blocks_(blocks_of(shape)), p_(tensors), threads_(threads) {
    if (!blocks_.direct) {
      const std::int64_t columns = blocks_.channels * s_.taps() * blocks_.pixels;
      columns_.assign(static_cast<std::size_t>(threads),
                      AlignedVector<T>(static_cast<std::size_t>(columns)));
    }
  }

  void operator()() {
    const std::int64_t pixel_blocks = quotient_up(s_.out_pixels(), blocks_.pixels);
    eigen::share(s_.mb * s_.g * pixel_blocks, threads_, [&](std::int64_t item) {
      block(item / pixel_blocks, item % pixel_blocks * blocks_.pixels);
    });
  }

 private:
  /// The output pixels of one block, for `plane` = sample * g + group.
  void block(std::int64_t plane, std::int64_t first_pixel) {
    const std::int64_t group = plane % s_.g;
    const std::int64_t in_channels = s_.ic / s_.g;
    const std::int64_t out_channels = s_.oc / s_.g;
    const std::int64_t pixels = std::min(blocks_.pixels, s_.out_pixels() - first_pixel);
    const T* src = p_.src + plane * in_channels * s_.in_pixels();
    const T* weights = p_.weights + group * out_channels * in_channels * s_.taps();
    T* dst = p_.dst + plane * out_channels * s_.out_pixels() + first_pixel;
    for (std::int64_t o = 0; p_.bias != nullptr && o < out_channels; ++o) {
      std::fill_n(dst + o * s_.out_pixels(), pixels, p_.bias[group * out_channels + o]);
    }
    for (std::int64_t c = 0; c < in_channels; c += blocks_.channels) {
      const Part part{c, std::min(blocks_.channels, in_channels - c), first_pixel, pixels};
      eigen::gemm(part_product(s_, blocks_, part), weights + c * s_.taps(),
                  columns(part, src + c * s_.in_pixels()), dst);
    }
  }

  const T* columns(const Part& part, const T* x) {
    if (blocks_.direct) {
      return x;
    }
    T* gathered = columns_[static_cast<std::size_t>(omp_get_thread_num())].data();
    gather_columns(s_, part, x, gathered);
    return gathered;
  }

  Shape s_;
  Blocks blocks_;
  Pointers<T> p_;
  int threads_;
  std::vector<AlignedVector<T>> columns_;  // one a thread
};

template <class T>
class DepthwisePlanes {
 public:
  DepthwisePlanes(const Shape& shape, Tensors<T>& tensors, int threads)
      : s_(shape), kernel_(shape), p_(tensors), threads_(threads) {
    const auto elements = static_cast<std::size_t>(kernel_.scratch_elements());
    scratch_.assign(static_cast<std::size_t>(threads), AlignedVector<T>(elements, T(0)));
  }

  void operator()() {
    eigen::share(s_.mb * s_.g, threads_, [&](std::int64_t plane) {
      const std::int64_t channel = plane % s_.g;
      kernel_(Plane<T>{p_.src + plane * s_.in_pixels(), p_.weights + channel * s_.taps(),
                       p_.bias != nullptr ? p_.bias + channel : nullptr,
                       p_.dst + plane * s_.out_pixels()},
              scratch_[static_cast<std::size_t>(omp_get_thread_num())].data());
    });
  }

 private:
  Shape s_;
  Depthwise<T> kernel_;
  Pointers<T> p_;
  int threads_;
  std::vector<AlignedVector<T>> scratch_;  // one a thread
};

/// What the products of one block of pixels come to.
OpCounts pixel_block_counts(const Shape& s, const Blocks& blocks, std::int64_t pixels) {
  OpCounts counts = eigen::gemm_counts(part_product(s, blocks, {0, blocks.channels, 0, pixels}));
  for (const auto& [channels, times] : cut(s.ic / s.g - blocks.channels, blocks.channels)) {
    if (times != 0) {
      const Part part{blocks.channels, channels, 0, pixels};
      counts = counts + times * eigen::gemm_counts(part_product(s, blocks, part));
    }
  }
  return counts;
}

OpCounts im2col_counts(const Shape& s) {
  const Blocks blocks = blocks_of(s);
  OpCounts counts;
  for (const auto& [pixels, times] : cut(s.out_pixels(), blocks.pixels)) {
    if (times != 0) {
      counts = counts + times * pixel_block_counts(s, blocks, pixels);
    }
  }
  return checked_multiply(s.mb, s.g) * counts;
}

}  // namespace

Preparation Convolution::prepare_eigen(const Shape& shape, const Setup& setup,
                                       Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  if (shape.depthwise()) {
    return Prepared{.run = DepthwisePlanes<float>(shape, tensors, setup.threads),
                    .implementation = "direct depthwise"};
  }
  const bool direct = blocks_of(shape).direct;
  return Prepared{.run = Im2col<float>(shape, tensors, setup.threads),
                  .implementation = direct ? "Eigen product" : "im2col + Eigen product"};
}

void Convolution::counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  if (shape.depthwise()) {
    DepthwisePlanes<Counted<float>>(shape, tensors, 1)();
  } else {
    Im2col<Counted<float>>(shape, tensors, 1)();
  }
}

void Convolution::eigen_in_double(const Shape& shape, Tensors<double>& tensors, int threads) {
  Im2col<double>(shape, tensors, threads)();
}

OpCounts Convolution::stated_eigen(const Shape& shape, Pass) {
  return shape.depthwise() ? depthwise_counts(shape) : im2col_counts(shape);
}

}  // namespace flopmeter::conv
