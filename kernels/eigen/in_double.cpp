#include "kernels/eigen/in_double.h"

#include <algorithm>
#include <array>

#include "kernels/conv1d/conv1d.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/conv3d/conv3d.h"
#include "kernels/linear/linear.h"
#include "kernels/matmul/matmul.h"

namespace flopmeter::eigen {
namespace {

struct ProductRow {
  std::string_view layer;
  void (*run)(const Values&, Tensors<double>&, int threads);
};

template <class L, auto run>
constexpr ProductRow product_row() {
  return {L::name, [](const Values& values, Tensors<double>& tensors, int threads) {
            run(to_shape<L>(values), tensors, threads);
          }};
}

constexpr std::array product_table{
    product_row<linear::Layer, linear::eigen_in_double>(),
    product_row<matmul::Layer, matmul::eigen_in_double>(),
    product_row<conv1d::Layer, conv::Convolution::eigen_in_double>(),
    product_row<conv2d::Layer, conv::Convolution::eigen_in_double>(),
    product_row<conv3d::Layer, conv::Convolution::eigen_in_double>(),
};

}  // namespace

bool product_in_double(const AnyLayer& layer, const Values& values, Tensors<double>& tensors,
                       int threads) {
  const auto* const row = std::ranges::find(product_table, layer.name, &ProductRow::layer);
  if (row == product_table.end()) {
    return false;
  }
  row->run(values, tensors, threads);
  return true;
}

}  // namespace flopmeter::eigen
