#include "kernels/generation/product.h"

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/generation/dot.h"
#include "kernels/operand.h"

namespace flopmeter::generation {
namespace {

/// Up to so many rows of x stay in the caches beside a row of weights.
constexpr std::int64_t few_rows = 4;
constexpr std::int64_t few_chunk = 16;
/// Rows of weights whose f32 a core's own cache holds.
constexpr std::int64_t panel = 64;

}  // namespace

StoredProducts::StoredProducts(std::vector<Product> products, const float* x, std::int64_t distance,
                               std::int64_t rows)
    : products_(std::move(products)),
      x_(x),
      distance_(distance),
      rows_(rows),
      columns_(products_.front().w.columns),
      sums_(static_cast<std::size_t>(rows <= few_rows ? rows * (columns_ / 32) : 0)) {
  const std::int64_t step = rows <= few_rows ? few_chunk : panel;
  for (std::size_t p = 0; p < products_.size(); ++p) {
    for (std::int64_t from = 0; from < products_[p].w.rows; from += step) {
      chunks_.push_back({p, from, std::min(from + step, products_[p].w.rows)});
    }
  }
}

std::int64_t StoredProducts::weight_bytes() const {
  std::int64_t bytes = 0;
  for (const Product& p : products_) {
    bytes = checked_add(bytes, p.w.bytes());
  }
  return bytes;
}

std::string StoredProducts::format() const {
  std::string names;
  for (const Product& p : products_) {
    const std::string name(info(p.w.format).name);
    if (names.find(name) == std::string::npos) {
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  return names;
}

const char* StoredProducts::implementation() const {
  return rows_ <= few_rows ? "stored weights times vectors"
                           : "Eigen GEMM on panels of weights made numbers";
}

void StoredProducts::run_few(const Product& p, std::int64_t from, std::int64_t to) const {
  const Dot dot = dot_of(p.w.format);
  const std::int64_t row_bytes = p.w.row_bytes();
  const std::byte* w = p.w.data + from * row_bytes;
  for (std::int64_t o = from; o < to; ++o, w += row_bytes) {
    const float least = p.bias != nullptr ? p.bias[o] : 0;
    for (std::int64_t r = 0; r < rows_; ++r) {
      float& y = p.y[r * p.distance + o];
      const float sum =
          least + dot(w, x_ + r * distance_, sums_.data() + r * (columns_ / 32), columns_);
      y = p.adds ? y + sum : sum;
    }
  }
}

void StoredProducts::run_many(const Product& p, std::int64_t from, std::int64_t to) const {
  thread_local AlignedVector<float> numbers;
  const std::int64_t outputs = to - from;
  const float* w = nullptr;
  if (p.w.format == Format::f32 &&
      reinterpret_cast<std::uintptr_t>(p.w.data) % sizeof(float) == 0) {
    w = reinterpret_cast<const float*>(p.w.row(from));
  } else {
    numbers.resize(static_cast<std::size_t>(outputs * columns_));
    for (std::int64_t o = 0; o < outputs; ++o) {
      unpack(p.w.format, p.w.row(from + o), columns_, numbers.data() + o * columns_);
    }
    w = numbers.data();
  }
  for (std::int64_t r = 0; r < rows_; ++r) {
    float* y = p.y + r * p.distance + from;
    if (p.bias != nullptr) {
      for (std::int64_t o = 0; o < outputs; ++o) {
        y[o] = p.bias[from + o] + (p.adds ? y[o] : 0);
      }
    } else if (!p.adds) {
      std::fill_n(y, outputs, 0.0F);
    }
  }
  eigen::gemm<float>({rows_, columns_, outputs, {distance_}, {columns_, true}, p.distance, true},
                     x_, w, p.y + from);
}

void StoredProducts::run_chunk(const Chunk& chunk) const {
  const auto work = [&](const Product& p) {
    rows_ <= few_rows ? run_few(p, chunk.from, chunk.to) : run_many(p, chunk.from, chunk.to);
  };
  if (!after_) {
    return work(products_[chunk.product]);
  }
  for (const Product& p : products_) {
    work(p);
  }
  after_(chunk.from, chunk.to);
}

void StoredProducts::run(int threads) {
  for (std::int64_t r = 0; !sums_.empty() && r < rows_; ++r) {
    sums_of_blocks(x_ + r * distance_, columns_, sums_.data() + r * (columns_ / 32));
  }
  // With something to do after, chunks of the first product stand for all.
  std::int64_t count = static_cast<std::int64_t>(chunks_.size());
  if (after_) {
    count /= static_cast<std::int64_t>(products_.size());
  }
  eigen::share(count, threads,
               [this](std::int64_t i) { run_chunk(chunks_[static_cast<std::size_t>(i)]); });
}

}  // namespace flopmeter::generation
