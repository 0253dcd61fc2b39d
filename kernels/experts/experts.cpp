#include "kernels/experts/experts.h"

#include "kernels/tolerance.h"

namespace flopmeter::experts {

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.hid == unset || s.experts == unset || s.active == unset) {
    bad_input("experts needs ic, hid, experts and active, as in mb16ic512hid1024experts8active2");
  }
  check_flag(name, "swiglu", s.swiglu);
  check_flag(name, "bias", s.bias);
  if (s.clip != 0 && s.swiglu == 0) {
    bad_input("experts: clip is of swiglu1");
  }
  if (s.active > s.experts) {
    bad_input("experts: active is {}, but there are {}", s.active, s.experts);
  }
  if (s.experts > most_experts) {
    bad_input("experts: experts is {}, must be at most {}", s.experts, most_experts);
  }
  return s;
}

namespace {

using Dims = std::vector<std::int64_t>;

/// Parameters of one expert.
std::int64_t expert_parameters(const Shape& s) {
  const std::int64_t weights = checked_product(s.inner() + 1, s.ic, s.hid);
  return checked_add(weights, s.bias * (s.inner() * s.hid + s.ic));
}

/// All that there is, with the role of the forward pass.
std::vector<Operand> tensors(const Shape& s) {
  const Dims rows{s.mb, s.ic};
  const Dims chosen{s.mb, s.active};
  const Dims hidden{s.mb, s.active, s.hid};
  const Dims inner{s.experts, s.hid, s.ic};
  // Of the weights, those of experts that have a token; as many as can be, since which is data.
  const std::int64_t used = std::min(s.experts, s.calls());
  const auto weights = [&](std::string_view name, const Dims& dims) {
    return Operand{name, dims, Role::parameter, {}, checked_product(used, s.hid, s.ic)};
  };
  const auto biases = [&](std::string_view name, std::int64_t length) {
    return Operand{name, {s.experts, length}, Role::parameter, {}, checked_multiply(used, length)};
  };
  std::vector<Operand> all{{"src", rows, Role::input},
                           {"indices", chosen, Role::input, {Domain::Kind::index, s.experts}},
                           {"shares", chosen, Role::input},
                           weights("up", inner),
                           weights("gate", inner),
                           weights("down", {s.experts, s.ic, s.hid}),
                           biases("up_bias", s.hid),
                           biases("gate_bias", s.hid),
                           biases("down_bias", s.ic),
                           {"dst", rows, Role::output},
                           {"linear", hidden, Role::saved},
                           {"gated", hidden, Role::saved},
                           {"hidden", hidden, Role::saved},
                           {"results", {s.mb, s.active, s.ic}, Role::saved}};
  std::erase_if(all, [&](const Operand& o) {
    const bool gate = o.name.starts_with("gate");
    return (s.swiglu == 0 && gate) || (s.bias == 0 && o.name.ends_with("_bias"));
  });
  return all;
}

struct Listed {
  std::string_view name;
  Role role;
};

constexpr auto listed_backward_data = std::to_array<Listed>({{"indices", Role::input},
                                                             {"shares", Role::input},
                                                             {"up", Role::parameter},
                                                             {"gate", Role::parameter},
                                                             {"down", Role::parameter},
                                                             {"linear", Role::input},
                                                             {"gated", Role::input},
                                                             {"results", Role::input},
                                                             {"diff_dst", Role::input},
                                                             {"diff_src", Role::output},
                                                             {"diff_shares", Role::output},
                                                             {"diff_results", Role::saved},
                                                             {"diff_hidden", Role::saved},
                                                             {"diff_linear", Role::saved},
                                                             {"diff_gated", Role::saved}});

constexpr auto listed_backward_weights = std::to_array<Listed>({{"src", Role::input},
                                                                {"indices", Role::input},
                                                                {"hidden", Role::input},
                                                                {"diff_results", Role::input},
                                                                {"diff_linear", Role::input},
                                                                {"diff_gated", Role::input},
                                                                {"diff_up", Role::output},
                                                                {"diff_gate", Role::output},
                                                                {"diff_down", Role::output},
                                                                {"diff_up_bias", Role::output},
                                                                {"diff_gate_bias", Role::output},
                                                                {"diff_down_bias", Role::output}});

/// Those of the list that the layer has; gradients are as large as what they are of, and written as
/// a whole.
template <class List>
std::vector<Operand> chosen_from(const std::vector<Operand>& all, const List& list) {
  constexpr std::string_view prefix = "diff_";
  std::vector<Operand> found;
  for (const auto& [name, role] : list) {
    const bool gradient = name.starts_with(prefix);
    const std::string_view of = gradient ? name.substr(prefix.size()) : name;
    const auto tensor = std::ranges::find(all, of, &Operand::name);
    if (tensor != all.end()) {
      Operand operand{name, tensor->dims, role};
      operand.domain = gradient ? Domain() : tensor->domain;
      operand.touched = gradient ? all_elements : tensor->touched;
      found.push_back(operand);
    }
  }
  return found;
}

}  // namespace

std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"active_params", checked_multiply(s.active, expert_parameters(s))}};
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<Operand> all = tensors(s);
  switch (pass) {
    case Pass::backward_data:
      return chosen_from(all, listed_backward_data);
    case Pass::backward_weights:
      return chosen_from(all, listed_backward_weights);
    case Pass::forward:
      break;
  }
  return all;
}

OpCounts activation_counts(const Shape& s) {
  if (s.swiglu == 0) {
    return {.comparisons = 1};
  }
  const OpCounts gated{.multiplies = 1, .adds = 1, .divides = 1, .exponentials = 1};
  return s.clip != 0 ? gated + OpCounts{.multiplies = 1, .adds = 1, .comparisons = 3} : gated;
}

namespace {

OpCounts activation_gradient_counts(const Shape& s) {
  if (s.swiglu == 0) {
    return {.comparisons = 1};
  }
  const OpCounts gated{.multiplies = 6, .adds = 3, .divides = 1, .exponentials = 1};
  return s.clip != 0 ? gated + OpCounts{.multiplies = 1, .adds = 1, .comparisons = 6} : gated;
}

OpCounts forward_counts(const Shape& s) {
  const std::int64_t calls = s.calls();
  const std::int64_t hidden = checked_multiply(calls, s.hid);
  const std::int64_t results = checked_multiply(calls, s.ic);
  return s.inner() * sums_of_products(hidden, s.ic, s.bias != 0) + hidden * activation_counts(s) +
         sums_of_products(results, s.hid, s.bias != 0) +
         sums_of_products(checked_multiply(s.mb, s.ic), s.active, false);
}

OpCounts backward_data_counts(const Shape& s) {
  const std::int64_t calls = s.calls();
  const std::int64_t hidden = checked_multiply(calls, s.hid);
  return sums_of_products(calls, s.ic, false) +
         OpCounts{.multiplies = checked_multiply(calls, s.ic)} +
         sums_of_products(hidden, s.ic, false) + hidden * activation_gradient_counts(s) +
         sums_of_products(checked_multiply(s.mb, s.ic), checked_product(s.active, s.inner(), s.hid),
                          false);
}

OpCounts backward_weights_counts(const Shape& s) {
  const std::int64_t products = checked_product(s.calls(), s.inner() + 1, s.ic, s.hid);
  const std::int64_t biases = checked_multiply(s.calls(), s.bias * (s.inner() * s.hid + s.ic));
  return {.macs = products, .multiplies = products, .adds = checked_add(products, biases)};
}

OpCounts counts(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return backward_data_counts(s);
    case Pass::backward_weights:
      return backward_weights_counts(s);
    case Pass::forward:
      break;
  }
  return forward_counts(s);
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  return unpadded(checked_multiply(s.experts, expert_parameters(s)), counts(s, pass));
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::backward_weights) {
    return nested_sums_tolerance({s.ic + s.bias, s.ic, s.calls()}, dtype);
  }
  return nested_sums_tolerance({s.ic + s.bias, s.hid + s.bias, s.hid, s.active * s.inner()}, dtype);
}

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&) {
  return Unavailable{
      "which expert a token goes to is known only in a run, oneDNN's primitives are made before"};
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::experts
