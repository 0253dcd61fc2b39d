// The shape of recurrent layers, in layers ("l", bottom first) of one or two directions.
#pragma once

#include <algorithm>
#include <array>

#include "kernels/field.h"
#include "kernels/layer.h"

namespace flopmeter::recurrent {

/// Written as benchdnn's: l1t10mb32slc128dhc256. A run is one direction of one layer; runs are
/// numbered by layer, forward before reverse, as PyTorch lists its weights.
struct Shape {
  std::int64_t l, t, mb, slc, dhc, dic, dir, bias, vectors, tokens, hin, join;

  bool projected() const { return dic != 0; }
  bool packed() const { return tokens != 0; }
  /// Pairs of a sample and one of its time steps. Throws CountOverflow.
  std::int64_t places() const { return packed() ? tokens : checked_multiply(t, mb); }
  /// Width of the state that is passed on in time and upwards.
  std::int64_t width() const { return projected() ? dic : dhc; }
  /// Width of the state that comes in, benchdnn's sic: another only where there is one step.
  std::int64_t state_in() const { return hin != 0 ? hin : width(); }
  /// Directions that an upper layer sees side by side.
  std::int64_t seen() const { return join == at_each_layer ? dir : 1; }
  /// Features of a layer's input.
  std::int64_t input(std::int64_t layer) const { return layer == 0 ? slc : seen() * width(); }
  /// Directions side by side in the result.
  std::int64_t results() const { return join == summed_at_top ? 1 : dir; }
  std::int64_t runs() const { return l * dir; }
  /// Bias vectors of a run: PyTorch has one beside the input's sums and one beside the state's.
  std::int64_t bias_vectors() const { return bias * vectors; }
  bool operator==(const Shape&) const = default;

  /// Values of join: how two directions meet. PyTorch's see each other in every layer, oneDNN's are
  /// two stacks whose results lie side by side or are summed.
  static constexpr std::int64_t at_each_layer = 0, at_top = 1, summed_at_top = 2;
};

/// What tells the cells apart, as far as sizes go.
struct CellSizes {
  std::int64_t gates;  // blocks of dhc rows of the weights
  std::int64_t slots;  // sums kept a hidden unit: one a gate, and one more of the GRU
  bool cell_state;     // whether there is a c besides h
  bool direct;         // whether h reaches the next h past the sums too

  std::int64_t rows(const Shape& s) const { return checked_multiply(gates, s.dhc); }

  /// The slot of the recurrent sum of a gate. The GRU's last one is kept apart from that of the
  /// input, because the reset gate multiplies it alone.
  constexpr std::int64_t recurrent_slot(std::int64_t gate) const {
    return gate == gates - 1 ? slots - 1 : gate;
  }
};

inline constexpr auto projected_fields = std::to_array<Field<Shape>>({
    {"l", &Shape::l, 1, 1, 1, 3, "layers"},
    {"t", &Shape::t, 1, 1, 1, 5, "time steps"},
    {"mb", &Shape::mb, 2, 1, 1, 5, "samples"},
    {"slc", &Shape::slc, unset, 1, 1, 24, "input features"},
    {"dhc", &Shape::dhc, unset, 1, 1, 24, "hidden features"},
    {"dic", &Shape::dic, 0, 0, 0, 12, "features of the projected hidden state, 0 for none"},
    {"dir", &Shape::dir, 1, 1, 1, 2, "directions, 2 also runs backwards in time"},
    {"bias", &Shape::bias, 1, 0, 0, 1, "1 with bias vectors, 0 without"},
    {"vectors", &Shape::vectors, 2, 1, 1, 2,
     "bias vectors: PyTorch's two, or one beside the sums of the input"},
    {"tokens", &Shape::tokens, 0, 0, 0, 16,
     "time steps of all samples together, packed; 0: each has t of them"},
    {"hin", &Shape::hin, 0, 0, 0, 2,
     "features of the state that comes in, where t1 leaves them free; 0: as it goes out"},
    {"join", &Shape::join, 0, 0, 0, 2,
     "2 directions meet 0: below each layer (PyTorch), 1: at the top, 2: summed there (oneDNN)"},
});

/// Those of a layer that has no projection.
inline constexpr auto plain_fields = [] {
  const auto& f = projected_fields;
  return std::to_array<Field<Shape>>(
      {f[0], f[1], f[2], f[3], f[4], f[6], f[7], f[8], f[9], f[10], f[11]});
}();

/// Those of a layer whose state reaches the next one past the sums, so that it has one width.
inline constexpr auto direct_fields = [] {
  const auto& f = plain_fields;
  return std::to_array<Field<Shape>>({f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[10]});
}();

/// How many time steps each sample has, longest first, as PyTorch sorts the sequences that it packs.
/// Of `tokens` the first sample has t, and the others share the rest as evenly as can be.
class Lengths {
 public:
  explicit Lengths(const Shape& s)
      : longest_(s.t),
        samples_(s.mb),
        others_(s.packed() && s.mb > 1 ? (s.tokens - s.t) / (s.mb - 1) : s.t),
        longer_(s.packed() && s.mb > 1 ? (s.tokens - s.t) % (s.mb - 1) : 0) {}

  std::int64_t of(std::int64_t sample) const {
    return sample == 0 ? longest_ : others_ + (sample <= longer_ ? 1 : 0);
  }
  /// Samples that are longer than `step`, which are the first ones.
  std::int64_t active(std::int64_t step) const {
    return step < others_ ? samples_ : step == others_ && step < longest_ ? 1 + longer_ : 1;
  }
  /// Time steps that all samples take.
  std::int64_t of_all() const { return others_; }
  /// Places before those of `step`: they lie step by step, in each the samples that reach it.
  std::int64_t offset(std::int64_t step) const {
    const std::int64_t of_longer = std::min(others_ + 1, step);
    return step + longer_ * of_longer + (samples_ - 1 - longer_) * std::min(others_, step);
  }

 private:
  std::int64_t longest_, samples_, others_, longer_;
};

/// Derives and checks what all recurrent layers have in common. Throws BadInput.
Shape complete(std::string_view layer, Shape);

std::vector<Variable> variables(const Shape&, const CellSizes&);
std::vector<Operand> operands(const Shape&, const CellSizes&, Pass);
std::int64_t parameters(const Shape&, const CellSizes&);

/// That of the sums of each layer one after the other: weights of about 1 / sqrt(terms) and gates
/// that flatten make errors fade from step to step, so that the number of steps is none of it.
/// Narrow types round states and gates of size 1 in each layer, and these errors add up as a random
/// walk over the t*mb products of a weight's gradient. A wrong tap in f32 is 1 / sqrt(terms).
Tolerance tolerance(const Shape&, Pass, Dtype);

/// Elements of weights_layer before those of a run.
std::int64_t weights_layer_offset(const Shape&, const CellSizes&, std::int64_t layer,
                                  std::int64_t direction);

/// What a cell does to one hidden unit in one step, besides the sums.
struct CellCounts {
  OpCounts forward, backward;
};

/// All samples as long as the longest one, as without packing.
Shape padded_out(Shape);

/// The formula from what is done to each hidden unit: dense where all samples are padded to the
/// longest one, in bounds where steps behind the end of a sample are left out.
Formula formula(const Shape&, const CellSizes&, const CellCounts&, Pass);

}  // namespace flopmeter::recurrent
