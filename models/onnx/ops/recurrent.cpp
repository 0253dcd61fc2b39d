// LSTM, GRU and RNN: X is [steps, samples, features], W is [directions, gates * hidden, features].
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

std::int64_t directions(const NodeView& n) {
  return n.text("direction", "forward") == "bidirectional" ? 2 : 1;
}

/// With layout 1, samples come before steps.
bool batch_first(const NodeView& n) { return n.integer("layout", 0) == 1; }

Dim hidden_size(const NodeView& n) {
  const Dims& r = n.dims(2);
  if (r.size() != 3) {
    bad_input("its recurrent weights have {} dimensions, not 3", r.size());
  }
  return r[2];
}

void infer_recurrent(NodeView& n) {
  const Dims& x = n.dims(0);
  if (x.size() != 3) {
    bad_input("its input has {} dimensions, not 3", x.size());
  }
  const Dim d = directions(n);
  const Dim h = hidden_size(n);
  const Elem elem = n.in(0).elem;
  const Dim& samples = x[batch_first(n) ? 0 : 1];
  n.set(0, elem, batch_first(n) ? Dims{samples, x[1], d, h} : Dims{x[0], d, samples, h});
  const Dims state = batch_first(n) ? Dims{samples, d, h} : Dims{d, samples, h};
  n.set(1, elem, state);
  n.set(2, elem, state);
}

/// Whether the lengths of the sequences are all the number of steps.
bool spans_all(const NodeView& n) {
  const Content* lengths = n.content(4);
  const Dim& steps = n.dims(0)[batch_first(n) ? 1 : 0];
  return lengths != nullptr && !lengths->real &&
         std::ranges::all_of(lengths->integers, [&](const Dim& d) { return d == steps; });
}

/// What a node has that the layer does not count; empty where it is counted whole.
std::string what_is_missing(const NodeView& n) {
  if (n.has(4) && !spans_all(n)) {
    return "its sequences may be shorter than the longest: all steps are counted";
  }
  if (n.has(7) && n.proto.op == "LSTM") {
    return "its peephole connections are not counted";
  }
  if (n.attribute("clip") != nullptr) {
    return "the comparisons of its clip are not counted";
  }
  const AttributeProto* activations = n.attribute("activations");
  for (std::size_t i = 0; activations != nullptr && i < activations->strings.size(); ++i) {
    const std::string_view name = activations->strings[i];
    if (name != "Sigmoid" && name != "Tanh") {
      return fmt::format("its activation '{}' is not counted as such", name);
    }
  }
  return "";
}

Lowered lower_recurrent(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::int64_t hidden = known_sizes({hidden_size(n)}).front();
  Lowered lowered = one_layer(n.row->layer, {{"l", 1},
                                             {"t", x[batch_first(n) ? 1 : 0]},
                                             {"mb", x[batch_first(n) ? 0 : 1]},
                                             {"slc", x[2]},
                                             {"dhc", hidden},
                                             {"dir", directions(n)},
                                             {"bias", n.has(3) ? 1 : 0}});
  lowered.reason = what_is_missing(n);
  return lowered;
}

constexpr std::array recurrent_rows{
    Operator{"", "LSTM", infer_recurrent, lower_recurrent, "lstm"},
    Operator{"", "GRU", infer_recurrent, lower_recurrent, "gru"},
    Operator{"", "RNN", infer_recurrent, lower_recurrent, "rnn"},
    Operator{microsoft, "DynamicQuantizeLSTM", infer_recurrent, lower_recurrent, "lstm"},
};

}  // namespace

std::span<const Operator> recurrent_operators() { return recurrent_rows; }

}  // namespace flopmeter::onnx
