#include "kernels/generation/product.h"

#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/generation/dot.h"
#include "kernels/operand.h"

namespace flopmeter::generation {
namespace {

/// Up to so many rows of x stay in the caches beside rows of weights.
constexpr std::int64_t few_rows = 4;
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
      sums_(static_cast<std::size_t>(few() ? rows * (columns_ / 32) : 0)) {}

bool StoredProducts::few() const { return rows_ <= few_rows; }

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
  return few() ? "stored weights times vectors" : "Eigen GEMM on panels of weights made numbers";
}

void StoredProducts::put(const Product& p, std::int64_t row, std::int64_t output, float sum) const {
  float& y = p.y[row * p.distance + output];
  sum += p.bias != nullptr ? p.bias[output] : 0;
  y = p.adds ? y + sum : sum;
}

/// Rows that are read at once are far from one another, so that each is one long stream.
void StoredProducts::run_few(const Product& p, std::int64_t from, std::int64_t to) const {
  const Dot several = dot_of_several(p.w.format);
  const Dot one = dot_of_one(p.w.format);
  const std::int64_t row_bytes = p.w.row_bytes();
  const std::int64_t apart = (to - from) / dot_rows;
  std::array<const std::byte*, dot_rows> w{};
  std::array<float, dot_rows> sums{};
  const auto x = [this](std::int64_t r) { return x_ + r * distance_; };
  const auto x_sums = [this](std::int64_t r) { return sums_.data() + r * (columns_ / 32); };
  for (std::int64_t o = from; o < from + apart; ++o) {
    for (std::size_t k = 0; k < dot_rows; ++k) {
      w[k] = p.w.data + (o + static_cast<std::int64_t>(k) * apart) * row_bytes;
    }
    for (std::int64_t r = 0; r < rows_; ++r) {
      several(w.data(), x(r), x_sums(r), columns_, sums.data());
      for (std::size_t k = 0; k < dot_rows; ++k) {
        put(p, r, o + static_cast<std::int64_t>(k) * apart, sums[k]);
      }
    }
  }
  for (std::int64_t o = from + dot_rows * apart; o < to; ++o) {
    w[0] = p.w.data + o * row_bytes;
    for (std::int64_t r = 0; r < rows_; ++r) {
      one(w.data(), x(r), x_sums(r), columns_, sums.data());
      put(p, r, o, sums[0]);
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

/// The part's rows of each product; of many rows of x panel by panel.
void StoredProducts::run_part(std::int64_t part, std::int64_t parts) const {
  const auto range = [&](const Product& p) {
    return std::pair{p.w.rows * part / parts, p.w.rows * (part + 1) / parts};
  };
  for (const Product& p : products_) {
    const auto [from, to] = range(p);
    if (few()) {
      run_few(p, from, to);
    }
    for (std::int64_t at = from; !few() && at < to; at += panel) {
      run_many(p, at, std::min(at + panel, to));
    }
  }
  if (after_) {
    const auto [from, to] = range(products_.front());
    after_(from, to);
  }
}

void StoredProducts::run(int threads) {
  for (std::int64_t r = 0; !sums_.empty() && r < rows_; ++r) {
    sums_of_blocks(x_ + r * distance_, columns_, sums_.data() + r * (columns_ / 32));
  }
  eigen::share(threads, threads, [&](std::int64_t part) { run_part(part, threads); });
}

}  // namespace flopmeter::generation
