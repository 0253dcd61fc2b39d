// Transposed convolutions on top of Eigen's matrix product: columns (oc*taps x pixels) = w^T * x
// for each sample and group, a block at a time, and each row of the columns added to the outputs
// that its tap touches (col2im). Where that is the product itself, it goes to the output.
#include <omp.h>

#include <Eigen/Core>
#include <algorithm>
#include <vector>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/families/conv/im2col.h"
#include "kernels/families/conv_transpose/conv_transpose.h"

namespace flopmeter::conv_transpose {
namespace {

using conv::Blocks;
using conv::Part;

/// The product of a part in one group. `m`, here and below, is the mirror image: its input is the
/// output.
eigen::GemmShape part_product(const Shape& m, const Blocks& blocks, const Part& part) {
  return {part.channels * m.taps(),
          m.oc / m.g,
          part.pixels,
          {m.ic / m.g * m.taps(), true},
          {m.out_pixels(), false},
          part.pixels,
          blocks.direct && m.bias != 0};
}

/// to[i * stride] += from[i]
template <class T>
void add_strided(const T* from, std::int64_t count, std::int64_t stride, T* to) {
  using Row = Eigen::Array<T, Eigen::Dynamic, 1>;
  const Eigen::Map<const Row> row(from, count);
  if (stride == 1) {
    Eigen::Map<Row>(to, count) += row;
  } else {
    Eigen::Map<Row, 0, Eigen::InnerStride<>>(to, count, Eigen::InnerStride<>(stride)) += row;
  }
}

/// y is the part's first channel.
template <class T>
void add_columns(const Shape& m, const Part& part, const T* columns, T* y) {
  conv::for_each_tap(m, part, [&](std::int64_t c, std::int64_t k, std::int64_t i, std::int64_t j) {
    conv::for_each_run(m, part, k, i, j, [&](const conv::Run& run) {
      if (run.begin < run.end) {
        add_strided(columns + run.begin, run.end - run.begin, m.sw, y + c * m.in_pixels() + run.at);
      }
      columns += run.length;
    });
  });
}

template <class T>
class Col2im {
 public:
  Col2im(const Shape& s, Tensors<T>& tensors, int threads)
      : m_(conv::mirrored(s)),
        blocks_(conv::blocks_of(m_)),
        src_(tensors["src"]),
        weights_(tensors["weights"]),
        bias_(tensors["bias"]),
        dst_(tensors["dst"]),
        threads_(threads) {
    if (!blocks_.direct) {
      const auto columns = static_cast<std::size_t>(blocks_.channels * m_.taps() * blocks_.pixels);
      columns_.assign(static_cast<std::size_t>(threads), AlignedVector<T>(columns));
    }
  }

  void operator()() {
    eigen::share(m_.mb * m_.g, threads_, [&](std::int64_t plane) { group(plane); });
  }

 private:
  /// One group of one sample.
  void group(std::int64_t plane) {
    const std::int64_t inputs = m_.oc / m_.g;
    const std::int64_t outputs = m_.ic / m_.g;
    const T* src = src_ + plane * inputs * m_.out_pixels();
    const T* weights = weights_ + plane % m_.g * inputs * outputs * m_.taps();
    T* dst = dst_ + plane * outputs * m_.in_pixels();
    start(plane % m_.g * outputs, outputs, dst);
    for (std::int64_t pixel = 0; pixel < m_.out_pixels(); pixel += blocks_.pixels) {
      const std::int64_t pixels = std::min(blocks_.pixels, m_.out_pixels() - pixel);
      for (std::int64_t c = 0; c < outputs; c += blocks_.channels) {
        const Part part{c, std::min(blocks_.channels, outputs - c), pixel, pixels};
        add_part(part, src + pixel, weights + c * m_.taps(), dst + c * m_.in_pixels());
      }
    }
  }

  /// Sums start at the bias, or at zero unless the product starts them.
  void start(std::int64_t first, std::int64_t outputs, T* dst) const {
    for (std::int64_t o = 0; (bias_ != nullptr || !blocks_.direct) && o < outputs; ++o) {
      std::fill_n(dst + o * m_.in_pixels(), m_.in_pixels(),
                  bias_ != nullptr ? bias_[first + o] : T(0));
    }
  }

  void add_part(const Part& part, const T* src, const T* weights, T* dst) {
    if (blocks_.direct) {
      eigen::gemm(part_product(m_, blocks_, part), weights, src, dst);
      return;
    }
    T* columns = columns_[static_cast<std::size_t>(omp_get_thread_num())].data();
    eigen::gemm(part_product(m_, blocks_, part), weights, src, columns);
    add_columns(m_, part, columns, dst);
  }

  Shape m_;
  Blocks blocks_;
  const T* src_;
  const T* weights_;
  const T* bias_;
  T* dst_;
  int threads_;
  std::vector<AlignedVector<T>> columns_;  // one a thread
};

/// The products of all samples and groups.
OpCounts product_counts(const Shape& m, const Blocks& blocks) {
  OpCounts counts;
  for (const auto& [pixels, pixel_blocks] : conv::cut(m.out_pixels(), blocks.pixels)) {
    for (const auto& [channels, channel_blocks] : conv::cut(m.ic / m.g, blocks.channels)) {
      const std::int64_t times = pixel_blocks * channel_blocks;
      if (times != 0) {
        counts =
            counts + times * eigen::gemm_counts(part_product(m, blocks, {0, channels, 0, pixels}));
      }
    }
  }
  return checked_multiply(m.mb, m.g) * counts;
}

}  // namespace

Preparation Transposed::prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  const bool direct = conv::blocks_of(conv::mirrored(s)).direct;
  return Prepared{.run = Col2im<float>(s, tensors, setup.threads),
                  .implementation = direct ? "Eigen product" : "Eigen product + col2im"};
}

void Transposed::counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  Col2im<Counted<float>>(s, tensors, 1)();
}

/// Columns are summed over input channels alone; one add brings each of their elements that has an
/// output to it, also the first.
OpCounts Transposed::stated_eigen(const Shape& s, Pass) {
  const Shape m = conv::mirrored(s);
  const Blocks blocks = conv::blocks_of(m);
  const OpCounts products = product_counts(m, blocks);
  if (blocks.direct) {
    return products;
  }
  return products + OpCounts{.adds = checked_product(s.mb, s.oc, m.depth().coverage().taps,
                                                     m.vertical().coverage().taps,
                                                     m.horizontal().coverage().taps)};
}

}  // namespace flopmeter::conv_transpose
