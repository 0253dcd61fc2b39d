// Some rows of the weights at a time become numbers, while Eigen's product has them in a cache.
#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/quantized/quantized.h"

namespace flopmeter::quantized {
namespace {

constexpr std::int64_t panel = 32;  // rows of the weights: 512 KiB of f32 at ic 4096

std::int64_t panels(const Shape& s) { return (s.oc + panel - 1) / panel; }

/// The product of one panel, of as many outputs.
eigen::GemmShape product_of(const Shape& s, std::int64_t outputs) {
  return {s.mb, s.ic, outputs, {s.ic}, {s.ic, true}, s.oc, s.bias != 0};
}

std::int64_t outputs_of(const Shape& s, std::int64_t at) {
  return std::min(panel, s.oc - at * panel);
}

template <class T>
void run_panel(const Row& row, const Shape& s, const Storage<T>& storage, std::int64_t at,
               const T* x, const T* bias, T* y) {
  const std::int64_t outputs = outputs_of(s, at);
  AlignedVector<T> w(static_cast<std::size_t>(outputs * s.ic));
  for (std::int64_t o = 0; o < outputs; ++o) {
    dequantize_row(row, s, storage, at * panel + o, w.data() + o * s.ic);
  }
  for (std::int64_t n = 0; bias != nullptr && n < s.mb; ++n) {
    std::copy_n(bias + at * panel, outputs, y + n * s.oc + at * panel);
  }
  eigen::gemm<T>(product_of(s, outputs), x, w.data(), y + at * panel);
}

}  // namespace

AnyBackend Table::eigen(const Row& row) {
  AnyBackend backend{.name = "eigen", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup, Tensors<float>& t) -> Preparation {
    if (const auto reason = eigen::unavailable(setup)) {
      return *reason;
    }
    const Shape s = shape_of(row, v);
    return Prepared{.run =
                        [&row, s, storage = pack(row, s, t), x = t["src"], bias = t["bias"],
                         y = t["dst"], threads = setup.threads] {
                          eigen::share(panels(s), threads, [&](std::int64_t at) {
                            run_panel<float>(row, s, storage, at, x, bias, y);
                          });
                        },
                    .implementation = "Eigen GEMM on rows made numbers"};
  };
  backend.counted = [&row](const Values& v, Pass, Tensors<Counted<float>>& t) {
    const Shape s = shape_of(row, v);
    const Storage<Counted<float>> storage = pack(row, s, t);
    const eigen::UseThreads one(1);
    for (std::int64_t at = 0; at < panels(s); ++at) {
      run_panel<Counted<float>>(row, s, storage, at, t["src"], t["bias"], t["dst"]);
    }
  };
  backend.stated = [&row](const Values& v, Pass) {
    const Shape s = shape_of(row, v);
    OpCounts counts = unpacking(row, s);
    if (s.oc >= panel) {
      counts = counts + s.oc / panel * eigen::gemm_counts(product_of(s, panel));
    }
    if (s.oc % panel != 0) {
      counts = counts + eigen::gemm_counts(product_of(s, s.oc % panel));
    }
    return counts;
  };
  return backend;
}

}  // namespace flopmeter::quantized
