#include "kernels/families/recurrent/shape.h"

#include <algorithm>
#include <cmath>

#include "kernels/tolerance.h"

namespace flopmeter::recurrent {
namespace {

/// One hidden unit's or projected feature's number in all steps of one run.
std::int64_t units(const Shape& s, std::int64_t features) {
  return checked_multiply(s.places(), features);
}

/// The sums of all gates of a run, over the input and the state of the step before.
OpCounts gate_sums(const Shape& s, const CellSizes& cell, std::int64_t input) {
  const bool bias = s.bias != 0;
  const std::int64_t apart = cell.slots - cell.gates;
  const OpCounts joint = sums_of_products(1, checked_add(input, s.state_in()), bias) +
                         OpCounts{.adds = bias ? s.vectors - 1 : 0};
  const OpCounts split =
      sums_of_products(1, input, bias) + sums_of_products(1, s.state_in(), s.bias_vectors() == 2);
  return units(s, s.dhc) * ((cell.gates - apart) * joint + apart * split);
}

OpCounts forward(const Shape& s, const CellSizes& cell, const CellCounts& counts,
                 std::int64_t layer) {
  OpCounts run = gate_sums(s, cell, s.input(layer)) + units(s, s.dhc) * counts.forward;
  if (s.projected()) {
    run = run + sums_of_products(units(s, s.dic), s.dhc, false);
  }
  return s.dir * run;
}

/// Each state has a gradient from above and one from the step after, which are added. What goes to
/// the layer below is a sum over the directions that it is seen by.
OpCounts backward_data(const Shape& s, const CellSizes& cell, const CellCounts& counts,
                       std::int64_t layer) {
  const std::int64_t rows = cell.rows(s);
  const std::int64_t states = units(s, s.width());
  OpCounts run = OpCounts{.adds = states} + units(s, s.dhc) * counts.backward +
                 sums_of_products(units(s, s.state_in()), rows, cell.direct);
  if (s.projected()) {
    run = run + sums_of_products(units(s, s.dhc), s.dic, false);
  }
  const std::int64_t seeing = layer == 0 ? s.dir : s.seen();
  return s.dir * run +
         s.dir / seeing *
             sums_of_products(units(s, s.input(layer)), checked_multiply(seeing, rows), false);
}

OpCounts backward_weights(const Shape& s, const CellSizes& cell, std::int64_t layer) {
  const std::int64_t terms = s.places();
  const std::int64_t weights =
      checked_multiply(cell.rows(s), checked_add(s.input(layer), s.state_in()));
  const std::int64_t summed = s.vectors == 2 ? cell.slots : cell.gates;
  const std::int64_t biases = checked_product(s.bias, summed, s.dhc);
  OpCounts run = sums_of_products(weights, terms, false) +
                 OpCounts{.adds = checked_multiply(biases, terms - 1)};
  if (s.projected()) {
    run = run + sums_of_products(checked_multiply(s.dic, s.dhc), terms, false);
  }
  return s.dir * run;
}

OpCounts layer_counts(const Shape& s, const CellSizes& cell, const CellCounts& counts, Pass pass,
                      std::int64_t layer) {
  switch (pass) {
    case Pass::backward_data:
      return backward_data(s, cell, counts, layer);
    case Pass::backward_weights:
      return backward_weights(s, cell, layer);
    case Pass::forward:
      break;
  }
  return forward(s, cell, counts, layer);
}

/// The state that comes in, and how two directions meet.
Shape with_states(std::string_view layer, Shape s) {
  s.hin = s.hin == s.width() ? 0 : s.hin;
  if (s.hin != 0 && s.t > 1) {
    bad_input("{}: hin is {}, but behind the first of {} steps a state has {} features", layer,
              s.hin, s.t, s.width());
  }
  if (s.join > Shape::summed_at_top || (s.join != 0 && s.dir != 2)) {
    bad_input("{}: join is {}, must be 0, 1 or 2, and is of dir2", layer, s.join);
  }
  // The top is the only place where the directions of one layer meet.
  s.join = s.l == 1 && s.join == Shape::at_top ? 0 : s.join;
  return s;
}

}  // namespace

Shape complete(std::string_view layer, Shape s) {
  if (s.slc == unset || s.dhc == unset) {
    bad_input("{} needs slc and dhc, as in t10mb32slc128dhc256", layer);
  }
  check_flag(layer, "bias", s.bias);
  if (s.dir > 2) {
    bad_input("{}: dir is {}, must be 1 or 2", layer, s.dir);
  }
  if (s.vectors > 2 || (s.bias == 0 && s.vectors != 2)) {
    bad_input("{}: vectors is {}, must be 1 or 2, and is of bias1", layer, s.vectors);
  }
  s.dic = s.dic == s.dhc ? 0 : s.dic;
  const std::int64_t most = checked_multiply(s.t, s.mb);
  if (s.packed() && (s.tokens > most || s.tokens - s.t < s.mb - 1)) {
    bad_input(
        "{}: tokens is {}, must be from {} (one sample has t = {} steps, each other one) to {} "
        "(all have t)",
        layer, s.tokens, checked_add(s.t, s.mb - 1), s.t, most);
  }
  s.tokens = s.tokens == most ? 0 : s.tokens;
  return with_states(layer, s);
}

std::vector<Variable> variables(const Shape& s, const CellSizes& cell) {
  return {{"sic", s.state_in()}, {"gates", cell.gates}};
}

std::int64_t parameters(const Shape& s, const CellSizes& cell) {
  const std::int64_t rows = cell.rows(s);
  std::int64_t run = checked_multiply(rows, checked_add(s.state_in(), s.bias_vectors()));
  run = checked_add(run, checked_multiply(s.dic, s.dhc));
  return checked_add(checked_multiply(s.runs(), run), weights_layer_offset(s, cell, s.l, 0));
}

namespace {

OpCounts total(const Shape& s, const CellSizes& cell, const CellCounts& counts, Pass pass) {
  OpCounts total = layer_counts(s, cell, counts, pass, 0);
  if (s.l > 1) {
    checked_multiply(s.dir, s.width());
    total = total + (s.l - 1) * layer_counts(s, cell, counts, pass, 1);
  }
  if (pass == Pass::forward && s.results() != s.dir) {
    total = total + OpCounts{.adds = units(s, s.width())};
  }
  return total;
}

}  // namespace

Shape padded_out(Shape s) {
  s.tokens = 0;
  return s;
}

Formula formula(const Shape& s, const CellSizes& cell, const CellCounts& counts, Pass pass) {
  checked_multiply(s.l, s.dir);
  return {parameters(s, cell), total(padded_out(s), cell, counts, pass),
          total(s, cell, counts, pass)};
}

Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const bool over_time = pass == Pass::backward_weights;
  const std::int64_t places = s.places();
  const std::int64_t terms = std::max(s.slc, s.input(s.l - 1)) + s.state_in() + s.bias_vectors();
  Tolerance tolerance = sum_tolerance(s.l * (terms + (over_time ? places : 0)), dtype);
  if (dtype != Dtype::f32) {
    const double spread = over_time ? std::sqrt(static_cast<double>(places)) : 1;
    tolerance.absolute += 2 * spread * static_cast<double>(s.l) * unit_roundoff(dtype);
  }
  return tolerance;
}

}  // namespace flopmeter::recurrent
