// LSTM, GRU and RNN: X is [steps, samples, features], W is [directions, gates * hidden, features].
#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

std::int64_t directions(const NodeView& n) {
  return n.text("direction", "forward") == "bidirectional" ? 2 : 1;
}

/// With layout 1, samples come before steps.
bool batch_first(const NodeView& n) { return n.integer("layout", 0) == 1; }

/// R is [directions, gates * hidden, hidden]; the dynamically quantised one is stored transposed.
Dim hidden_size(const NodeView& n) {
  const Dims& r = n.dims(2);
  if (r.size() != 3) {
    bad_input("its recurrent weights have {} dimensions, not 3", r.size());
  }
  return r[n.proto.op == "DynamicQuantizeLSTM" ? 1 : 2];
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

struct Steps {
  std::int64_t longest = 0;
  std::int64_t together = 0;  // of all samples, where they differ
  std::string remark = {};
};

/// Where lengths are given, the steps that are computed: those behind a sequence's end are not.
Steps steps_of(const NodeView& n) {
  const auto x = n.sizes(0);
  Steps steps{.longest = x[batch_first(n) ? 1 : 0]};
  if (!n.has(4)) {
    return steps;
  }
  const Content* lengths = n.content(4);
  const auto too_short = [](const Dim& d) { return !d.known() || d.value() < 1; };
  if (lengths == nullptr || lengths->real || lengths->integers.empty() ||
      std::ranges::any_of(lengths->integers, too_short)) {
    steps.remark = fmt::format(
        "the lengths of its sequences are known during a run only: {} steps of each are counted, a "
        "run does so many at the most",
        steps.longest);
    return steps;
  }
  std::int64_t sum = 0;
  std::int64_t longest = 0;
  for (const Dim& length : lengths->integers) {
    sum = checked_add(sum, length.value());
    longest = std::max(longest, length.value());
  }
  steps.longest = std::min(longest, steps.longest);
  steps.together = sum;
  return steps;
}

/// What each operator's layer has, for each direction.
std::span<const std::string_view> layer_activations(const NodeView& n) {
  static constexpr std::array<std::string_view, 3> lstm{"sigmoid", "tanh", "tanh"};
  static constexpr std::array<std::string_view, 2> gru{"sigmoid", "tanh"};
  static constexpr std::array<std::string_view, 1> rnn{"tanh"};
  return n.row->layer == "lstm"  ? std::span<const std::string_view>(lstm)
         : n.row->layer == "gru" ? std::span<const std::string_view>(gru)
                                 : std::span<const std::string_view>(rnn);
}

/// Names of activations are the same in any case.
bool same_name(std::string_view a, std::string_view lower_case) {
  return std::ranges::equal(a, lower_case, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

/// What a node has that the layer does not count; empty where it is counted whole.
std::string what_is_missing(const NodeView& n) {
  if (n.proto.op == "DynamicQuantizeLSTM") {
    return "the quantising of its inputs and states, step by step, is not counted";
  }
  if (n.has(7) && n.proto.op == "LSTM") {
    return "its peephole connections are not counted";
  }
  if (n.attribute("clip") != nullptr) {
    return "the comparisons of its clip are not counted";
  }
  const AttributeProto* given = n.attribute("activations");
  const auto activations = given == nullptr ? std::vector<std::string_view>{} : given->texts();
  const auto usual = layer_activations(n);
  for (std::size_t i = 0; i < activations.size(); ++i) {
    if (!same_name(activations[i], usual[i % usual.size()])) {
      return fmt::format("its activation '{}' is counted as {}", activations[i],
                         usual[i % usual.size()]);
    }
  }
  return "";
}

Lowered lower_recurrent(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::int64_t hidden = known_sizes({hidden_size(n)}).front();
  const Steps steps = steps_of(n);
  Lowered lowered = one_layer(n.row->layer, {{"l", 1},
                                             {"t", steps.longest},
                                             {"mb", x[batch_first(n) ? 0 : 1]},
                                             {"slc", x[2]},
                                             {"dhc", hidden},
                                             {"dir", directions(n)},
                                             {"bias", n.has(3) ? 1 : 0}});
  if (steps.together != 0) {
    lowered.layers.front().fields.emplace_back("tokens", steps.together);
  }
  lowered.reason = what_is_missing(n);
  lowered.remark = steps.remark;
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
