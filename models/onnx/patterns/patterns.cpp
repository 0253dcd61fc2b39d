#include "models/onnx/patterns/patterns.h"

#include "models/onnx/patterns/matcher.h"

namespace flopmeter::onnx {

std::vector<std::string> recognise(Graph& graph) {
  Matcher matcher(graph);
  recognise_norms(matcher);
  recognise_activations(matcher);
  recognise_attention(matcher);
  recognise_biases(matcher);
  return matcher.found();
}

}  // namespace flopmeter::onnx
