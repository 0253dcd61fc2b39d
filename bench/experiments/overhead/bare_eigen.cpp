#include "bench/experiments/overhead/bare_eigen.h"

#include <Eigen/Core>
#include <memory>

namespace flopmeter::overhead {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Product {
  Product(std::int64_t m, std::int64_t k, std::int64_t n)
      : a(Matrix::Random(m, k)), b(Matrix::Random(k, n)), c(m, n) {}
  Matrix a, b, c;
};

}  // namespace

Sampler bare_eigen_product(std::int64_t m, std::int64_t k, std::int64_t n) {
  auto product = std::make_shared<Product>(m, k, n);
  return sampler([product] {
    Eigen::setNbThreads(1);
    product->c.noalias() = product->a * product->b;
  });
}

Sampler bare_eigen_linear(std::int64_t m, std::int64_t k, std::int64_t n) {
  auto product = std::make_shared<Product>(m, k, n);
  product->b.resize(n, k);
  product->b.setRandom();
  return sampler([product] {
    Eigen::setNbThreads(1);
    product->c.noalias() = product->a * product->b.transpose();
  });
}

}  // namespace flopmeter::overhead
