// A network as a file has it, counted: rows for people and programs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter::models {

/// One node. With a layer, `values` are its complete shape; without one it does no arithmetic
/// (`moves`: view, copy, gather, constant, ...) or is not understood (`reason`). A node with both a layer
/// and a reason is counted in part.
struct ModelNode {
  std::string name;
  std::string path;       // of the modules around it, with dots or slashes
  std::string operation;  // what the file calls it
  const AnyLayer* layer = nullptr;
  Values values = {};
  std::string_view moves = {};
  std::string reason = {};
  std::int64_t uses = 1;                 // how often it runs
  std::vector<std::string> covers = {};  // nodes of the file that a pattern made it of
  std::string output = {};               // dimensions of its first result
  std::size_t order = 0;                 // of the node in its graph
  std::int64_t batch = 0;                // the first dimension of what it reads, 0: not known
  bool folded_norm = false;              // its weights were exported with a batch norm folded in
  std::string lookup = {};               // of a constant: the embedding that it is rows of

  bool understood() const { return reason.empty(); }
};

/// Weights of one number type, which is stored in blocks of `block` numbers, or in so many bytes.
struct WeightType {
  std::string name;
  std::int64_t elements = 0;
  std::int64_t bits = 0;  // of one, where it has whole bits
  std::int64_t block = 1, bytes_of_block = 0;
  std::int64_t stored = 0;  // bytes with scales and zero points, where these lie apart

  /// Throws CountOverflow.
  std::int64_t bytes() const;
};

struct Model {
  std::string path;
  std::string format;  // "ONNX, opset 14, of pytorch 1.13.0"
  std::vector<ModelNode> nodes;
  std::vector<WeightType> weights;
  std::int64_t parameters = 0;
  std::int64_t samples = 1;           // the first dimension of its first input
  std::int64_t activation_bytes = 0;  // at the peak
  std::string activation_remark;      // why the peak is not known, or not whole
  std::vector<std::string> remarks;
  std::vector<std::string> patterns;  // what was recognised, a line a kind
};

/// What an input is in every run. One number is that of every element.
struct GivenInput {
  std::string text;                                    // as it was asked for
  std::optional<std::vector<std::int64_t>> dims = {};  // of an array; none: numbers alone
  std::vector<double> numbers = {};                    // row-major

  bool operator==(const GivenInput&) const = default;
};

/// What a reader is asked for, whatever the format.
struct ModelOptions {
  std::map<std::string, std::int64_t, std::less<>> dims;  // free dimensions; "*": all others
  bool as_is = false;                                     // no patterns
  std::string phase = {};                                 // of language models: prefill or decode
  std::int64_t tokens = 0;                                // ... of the prompt
  std::int64_t past = 0;                                  // ... before the one that is decoded
  std::int64_t batch = 0;                                 // 0: not given
  std::map<std::string, GivenInput, std::less<>> inputs = {};  // of networks that run, by name
};

/// Reads a model by its content: ONNX, GGUF, a config.json or the folder that holds one. Throws BadInput
/// in one line: what is wrong, where.
Model read_model_file(const std::string& path, const ModelOptions& options);

/// Throws BadInput for what a language model does not have: numbers of named inputs.
void require_language_options(const ModelOptions& options);

/// The layer of that name, or null: a file may need one that this build does not have.
const AnyLayer* layer_or_null(std::string_view name);

}  // namespace flopmeter::models
