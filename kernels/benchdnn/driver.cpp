#include "kernels/benchdnn/driver.h"

#include <algorithm>
#include <array>

#include "kernels/layer.h"

namespace flopmeter::benchdnn {
namespace {

/// Layers whose shapes a driver writes. Elementwise ones are told by their fields.
struct Covered {
  std::string_view driver;
  std::vector<std::string_view> layers;
};

const std::vector<Covered>& covered() {
  static const std::vector<Covered> table{
      {"conv", {"conv1d", "conv2d", "conv3d"}},
      {"deconv", {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}},
      {"ip", {"linear"}},
      {"matmul", {"matmul"}},
      {"pool", {"max_pool", "avg_pool"}},
      {"bnorm", {"batchnorm"}},
      {"gnorm", {"groupnorm"}},
      {"lnorm", {"layernorm", "rmsnorm"}},
      {"softmax", {"softmax", "log_softmax"}},
      {"concat", {"concat"}},
      {"sdpa", {"sdpa"}},
      {"rnn", {"rnn", "lstm", "gru"}},
      {"binary",
       {"add", "sub", "mul", "div", "min", "max", "less", "less_equal", "greater", "greater_equal",
        "equal", "not_equal"}},
      {"prelu", {"prelu"}},
      {"lrn", {"lrn"}},
      {"resampling", {"resample_nearest", "resample_linear"}},
      {"reduction",
       {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_l1",
        "reduce_l2", "reduce_sum_square"}},
  };
  return table;
}

/// One tensor of up to five dimensions and nothing else.
bool is_elementwise(const AnyLayer& layer) {
  constexpr std::array<std::string_view, 5> keys{"mb", "ic", "id", "ih", "iw"};
  return std::ranges::equal(layer.fields, keys, {}, &FieldInfo::key);
}

const Driver* named(std::string_view name) {
  const auto found = std::ranges::find(drivers(), name, &Driver::name);
  return found == drivers().end() ? nullptr : &*found;
}

}  // namespace

const std::vector<Driver>& drivers() {
  static const std::vector<Driver> table{
      {"conv", convolution, "mb1ic3ih224oc64oh112kh7sh2ph3", {"dir", "mb"}},
      {"deconv", deconvolution, "mb1ic64ih7oc32oh14kh4sh2ph1", {"dir", "mb"}},
      {"ip", inner_product, "mb32ic512oc1000", {"dir", "mb"}},
      {"matmul", matrix_product, "32x512:512x1000", {"bia-dt", "bia_dt"}},
      {"brgemm", block_product, "16x64:64x32", {"bs"}},
      {"pool", pooling, "mb1ic64ih112oh56kh3sh2ph1", {"alg", "mb"}},
      {"bnorm", batch_normalization, "mb32ic64ih56", {"flags", "mb"}},
      {"gnorm", group_normalization, "g32mb1ic320ih64", {"flags", "mb"}},
      {"lnorm", layer_normalization, "256x768", {"flags"}},
      {"softmax", softmax, "16x1000", {"alg", "axis"}},
      {"eltwise", elementwise, "2x32x3x2", {"alg", "alpha"}},
      {"binary", binary, "32x17x2x3:32x17", {"alg"}},
      {"concat", concatenation, "2x16x3x4:2x16x3x4", {"axis"}},
      {"sdpa", attention, "2x8x384x64:2x8x64x384:2x8x384x64", {"mask"}},
      {"rnn",
       recurrent,
       "l1t10mb32sic16slc16dhc16dic16",
       {"alg", "direction", "activation", "with-peephole", "l", "t", "mb"}},
      {"sum", sum_of_tensors, "3x17x5x7", {"sdt"}},
      {"prelu", leaky_slopes, "16x128x7x7:1x128x1x1", {}},
      {"reduction", reduction, "12x12:1x12", {"alg", "p"}},
      {"resampling", resampling, "mb3ic16ih3oh5", {"alg", "mb"}},
      {"lrn", local_response, "mb96ic64ih57", {"alg", "mb"}},
      {"shuffle", move, "1x272x28x28", {}},
      {"reorder", move, "2x64x3x3", {}},
      {"zeropad", move, "7x9", {}},
  };
  return table;
}

std::string existing_layer(std::string_view name, std::string_view alg) {
  if (std::ranges::find(layers(), name, &AnyLayer::name) == layers().end()) {
    bad_input("there is no layer of benchdnn's algorithm '{}'", alg);
  }
  return std::string(name);
}

const Driver* find_driver(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  return named(name);
}

const Driver* driver_of(std::string_view layer) {
  for (const Covered& row : covered()) {
    if (std::ranges::find(row.layers, layer) != row.layers.end()) {
      return named(row.driver);
    }
  }
  const auto found = std::ranges::find(layers(), layer, &AnyLayer::name);
  if (found == layers().end()) {
    return nullptr;
  }
  return is_elementwise(*found) ? named("eltwise") : nullptr;
}

}  // namespace flopmeter::benchdnn
