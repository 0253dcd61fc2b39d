// A network from a file that can be run: what its nodes read, and the numbers of what is given.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/network/network.h"
#include "models/model.h"

namespace flopmeter::models {

/// The elements of a tensor, row-major, made when they are asked for: weights are not read before.
using Numbers = std::function<std::vector<float>()>;

/// A result under the name that the file has for it; the tensor may be seen otherwise, and have another name where an
/// input is a result as well.
struct NamedResult {
  TensorId tensor;
  std::string name;
  std::vector<std::int64_t> dims;
};

/// An input of the file that is the same in every run: it stands for weights, or is a setting that was given.
struct ConstantInput {
  std::string name;
  std::vector<std::int64_t> dims;
  Numbers numbers;
};

struct NetworkFile {
  Network network;
  std::vector<Numbers> numbers;  // by TensorId, of inputs and constants; empty for all others
  bool random_weights = false;   // the file has no weights, or some of their data are not there
  std::vector<std::string> remarks = {};
  std::vector<NamedResult> results = {};  // in the file's order
  std::vector<ConstantInput> constant_inputs = {};
};

/// The file's own graph, nothing fused, in f32: integers are as floating-point numbers. Inputs are
/// drawn from `seed`, and so are weights that the file does not have. Throws BadInput in one line, naming the
/// node that cannot run and why; so far ONNX alone.
NetworkFile read_network(const std::string& path, const ModelOptions& options);

}  // namespace flopmeter::models
