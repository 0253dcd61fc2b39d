// The tensors of recurrent layers. Weights of all runs lie behind each other, because the bottom
// layer's have another width than the others'.
#include <algorithm>
#include <bit>

#include "kernels/families/recurrent/shape.h"

namespace flopmeter::recurrent {
namespace {

struct Listed {
  std::string_view name;
  Role role;
};

/// About 1 / sqrt(terms), as networks are initialised, so that gates stay away from saturation and
/// rounding errors die out from step to step.
Domain weights_of_sums(std::int64_t terms) {
  const int bits = std::bit_width(static_cast<std::uint64_t>(terms));
  return {.scale = 1.0F / static_cast<float>(std::int64_t{1} << ((bits - 1) / 2))};
}

/// Rows of all samples and time steps, one behind the other where they are packed.
std::vector<std::int64_t> sequences(const Shape& s, std::int64_t features) {
  return s.packed() ? std::vector{s.tokens, features} : std::vector{s.t, s.mb, features};
}

/// The same of each run.
std::vector<std::int64_t> of_runs(const Shape& s, std::int64_t features) {
  std::vector<std::int64_t> dims = sequences(s, features);
  dims.insert(dims.begin(), s.runs());
  return dims;
}

/// Every tensor that the layer has, by the name of the activation or parameter.
std::vector<Operand> tensors(const Shape& s, const CellSizes& cell) {
  const std::int64_t rows = cell.rows(s);
  const std::int64_t layer_weights = weights_layer_offset(s, cell, s.l, 0);
  std::vector<Operand> all{
      {"src", sequences(s, s.slc), {}},
      {"src_iter", {s.runs(), s.mb, s.state_in()}, {}},
      {"weights_layer", {layer_weights}, {}, weights_of_sums(std::max(s.slc, s.input(s.l - 1)))},
      {"weights_iter", {s.runs(), rows, s.state_in()}, {}, weights_of_sums(s.state_in())},
      {"dst", sequences(s, s.results() * s.width()), {}},
      {"dst_iter", {s.runs(), s.mb, s.width()}, {}},
      {"states", of_runs(s, s.width()), {}}};
  const auto add = [&](bool wanted, const std::vector<Operand>& more) {
    all.insert(all.end(), more.begin(), wanted ? more.end() : more.begin());
  };
  const std::vector<std::int64_t> hidden = of_runs(s, s.dhc);
  add(s.bias != 0, {{"bias", {s.runs(), s.vectors, rows}, {}}});
  add(cell.slots > 1, {{"gates", of_runs(s, cell.slots * s.dhc), {}}});
  add(cell.cell_state, {{"src_iter_c", {s.runs(), s.mb, s.dhc}, {}},
                        {"dst_iter_c", {s.runs(), s.mb, s.dhc}, {}},
                        {"cells", hidden, {}},
                        {"tanh_cells", hidden, {}}});
  add(s.projected(), {{"weights_projection", {s.runs(), s.dic, s.dhc}, {}, weights_of_sums(s.dhc)},
                      {"unprojected", hidden, {}},
                      {"diff_states", of_runs(s, s.dic), {}}});
  add(true, {{"diff_gates", of_runs(s, cell.slots * s.dhc), {}}});
  return all;
}

constexpr auto listed_forward = std::to_array<Listed>({{"src", Role::input},
                                                       {"src_iter", Role::input},
                                                       {"src_iter_c", Role::input},
                                                       {"weights_layer", Role::parameter},
                                                       {"weights_iter", Role::parameter},
                                                       {"weights_projection", Role::parameter},
                                                       {"bias", Role::parameter},
                                                       {"dst", Role::output},
                                                       {"dst_iter", Role::output},
                                                       {"dst_iter_c", Role::output},
                                                       {"gates", Role::saved},
                                                       {"states", Role::saved},
                                                       {"cells", Role::saved},
                                                       {"tanh_cells", Role::saved},
                                                       {"unprojected", Role::saved}});

/// The derivatives of a cell need its gates and the cell states, or else the states themselves.
/// oneDNN runs the forward pass again, from the same inputs.
std::vector<Listed> listed_backward_data(const CellSizes& cell) {
  const Role initial = cell.direct ? Role::input : Role::context;
  std::vector<Listed> list{{"diff_dst", Role::input},
                           {"diff_dst_iter", Role::input},
                           {"diff_dst_iter_c", Role::input},
                           {"weights_layer", Role::parameter},
                           {"weights_iter", Role::parameter},
                           {"weights_projection", Role::parameter},
                           {"gates", Role::input},
                           {"cells", Role::input},
                           {"tanh_cells", Role::input},
                           {"src_iter_c", Role::input},
                           {"src_iter", initial},
                           {"src", Role::context},
                           {"bias", Role::context},
                           {"diff_src", Role::output},
                           {"diff_src_iter", Role::output},
                           {"diff_src_iter_c", Role::output},
                           {"diff_gates", Role::saved},
                           {"diff_states", Role::saved}};
  if (!cell.cell_state) {
    list.push_back({"states", Role::input});
  }
  return list;
}

/// backward_data leaves the gradients of all sums. oneDNN computes these again as well.
constexpr auto listed_backward_weights =
    std::to_array<Listed>({{"src", Role::input},
                           {"src_iter", Role::input},
                           {"states", Role::input},
                           {"unprojected", Role::input},
                           {"diff_gates", Role::input},
                           {"diff_states", Role::input},
                           {"src_iter_c", Role::context},
                           {"weights_layer", Role::context},
                           {"weights_iter", Role::context},
                           {"weights_projection", Role::context},
                           {"bias", Role::context},
                           {"diff_dst", Role::context},
                           {"diff_dst_iter", Role::context},
                           {"diff_dst_iter_c", Role::context},
                           {"diff_weights_layer", Role::output},
                           {"diff_weights_iter", Role::output},
                           {"diff_weights_projection", Role::output},
                           {"diff_bias", Role::output}});

std::vector<Listed> listed(const CellSizes& cell, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return listed_backward_data(cell);
    case Pass::backward_weights:
      return {listed_backward_weights.begin(), listed_backward_weights.end()};
    case Pass::forward:
      break;
  }
  return {listed_forward.begin(), listed_forward.end()};
}

}  // namespace

std::int64_t weights_layer_offset(const Shape& s, const CellSizes& cell, std::int64_t layer,
                                  std::int64_t direction) {
  const std::int64_t rows = cell.rows(s);
  const std::int64_t above_bottom = std::max<std::int64_t>(layer - 1, 0);
  const std::int64_t bottom = checked_product(layer == 0 ? direction : s.dir, rows, s.slc);
  const std::int64_t runs = above_bottom * s.dir + (layer == 0 ? 0 : direction);
  return checked_add(bottom, checked_product(runs, rows, s.input(1)));
}

std::vector<Operand> operands(const Shape& s, const CellSizes& cell, Pass pass) {
  const std::vector<Operand> all = tensors(s, cell);
  std::vector<Operand> wanted;
  for (const auto& [name, role] : listed(cell, pass)) {
    auto found = std::ranges::find(all, name, &Operand::name);
    if (found == all.end() && name.starts_with("diff_")) {
      found = std::ranges::find(all, name.substr(5), &Operand::name);
    }
    if (found != all.end()) {
      const bool gradient = found->name != name || name.starts_with("diff_");
      wanted.push_back({name, found->dims, role, gradient ? Domain() : found->domain});
    }
  }
  return wanted;
}

}  // namespace flopmeter::recurrent
