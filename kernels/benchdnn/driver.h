// benchdnn's drivers: how each of them writes a shape, and which layer that is here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/benchdnn/options.h"

namespace flopmeter::benchdnn {

/// A shape as a driver writes it, without its name. `layer`: the one that it is to be of, where that
/// is known; empty where options and shape say it.
struct Request {
  const Options& options;
  std::string_view layer;
  std::string_view shape;
};

/// The same as a layer's own. `remark`: what of it is not the same, may be empty.
struct Translation {
  std::string layer;
  std::string shape;
  std::string remark = {};
};

/// Throws BadInput for what is not understood, with the reason.
using Translate = Translation (*)(const Request&);

struct Driver {
  std::string_view name;
  Translate translate;
  std::string_view example;
  std::vector<std::string_view> varied;  // options whose lists make another layer or shape each
};

const std::vector<Driver>& drivers();

/// The driver of that name, without or with dashes; null when there is none.
const Driver* find_driver(std::string_view name);
/// The driver whose shapes are those of a layer; null when benchdnn has none.
const Driver* driver_of(std::string_view layer);

// By family, see the files of these names.
Translation convolution(const Request&);
Translation deconvolution(const Request&);
Translation inner_product(const Request&);
Translation pooling(const Request&);
Translation batch_normalization(const Request&);
Translation group_normalization(const Request&);
Translation matrix_product(const Request&);
Translation block_product(const Request&);
Translation layer_normalization(const Request&);
Translation softmax(const Request&);
Translation elementwise(const Request&);
Translation binary(const Request&);
Translation concatenation(const Request&);
Translation attention(const Request&);
Translation recurrent(const Request&);
Translation leaky_slopes(const Request&);
Translation reduction(const Request&);
Translation resampling(const Request&);
Translation local_response(const Request&);
Translation sum_of_tensors(const Request&);
/// Drivers that compute nothing.
Translation move(const Request&);

/// benchdnn's name of an algorithm without its driver's.
std::string lower_case(std::string text);

/// The layer of that name. Throws BadInput, naming benchdnn's algorithm, where there is none.
std::string existing_layer(std::string_view name, std::string_view alg);

}  // namespace flopmeter::benchdnn
