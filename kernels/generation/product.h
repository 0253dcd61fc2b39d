// y[r,o] = b[o] + sum_i x[r,i] * w[o,i] of stored weights, several matrices of one x side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/generation/format.h"

namespace flopmeter::generation {

/// Results of row r begin at y + r * distance. `adds`: to what lies there.
struct Product {
  Matrix w = {};
  const float* bias = nullptr;
  float* y = nullptr;
  std::int64_t distance = 0;
  bool adds = false;
};

/// Products of the same `rows` rows of x (the first at `x`, the next `distance` on), by so many threads, each of
/// which takes rows of weights. Of few rows each stored weight is read once and is a number in registers alone; of many
/// rows a panel of weights becomes f32 in a cache, and Eigen's product reads that.
class StoredProducts {
 public:
  StoredProducts(std::vector<Product> products, const float* x, std::int64_t distance,
                 std::int64_t rows);

  /// Done to results from <= o < to of all products in every row, by the thread that made them; all have as many.
  using After = std::function<void(std::int64_t from, std::int64_t to)>;
  void set_after(After after) { after_ = std::move(after); }

  void run(int threads);

  std::int64_t weight_bytes() const;
  /// Of the weights, "q4_k, q6_k" where they differ.
  std::string format() const;
  /// What it runs as.
  const char* implementation() const;

 private:
  bool few() const;
  void run_part(std::int64_t part, std::int64_t parts) const;
  void run_few(const Product& p, std::int64_t from, std::int64_t to) const;
  void run_many(const Product& p, std::int64_t from, std::int64_t to) const;
  void put(const Product& p, std::int64_t row, std::int64_t output, float sum) const;

  std::vector<Product> products_;
  const float* x_;
  std::int64_t distance_, rows_, columns_;
  After after_;
  std::vector<float> sums_;  // of each 32 of x, row by row
};

}  // namespace flopmeter::generation
