// y = sum over the experts that the router chose of share * expert(x), plus the shared experts(x)
// x, y: mb x ic, hidden: active x hid a token
#pragma once

#include "kernels/composition.h"

namespace flopmeter::moe {

/// A mixture of experts as the feed-forward block of a transformer: mb16ic4096hid14336experts8active2
/// (Mixtral), with experts that every token goes to (shared2, DeepSeek). Every token does the work of
/// `active` experts and of the shared ones; parameters are those of all.
struct Shape {
  std::int64_t mb, ic, hid, experts, active, shared, swiglu, bias, clip;
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "moe";
  static constexpr std::string_view equation =
      "y = sum_j share_j * expert_j(x), of those that router(x) chose, + shared(x)";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 5, "tokens"},
      {"ic", &Shape::ic, unset, 1, 1, 16, "features"},
      {"hid", &Shape::hid, unset, 1, 1, 16, "hidden features of an expert"},
      {"experts", &Shape::experts, unset, 1, 1, 6, "experts to choose from"},
      {"active", &Shape::active, unset, 1, 1, 3, "experts that a token goes to"},
      {"shared", &Shape::shared, 0, 0, 0, 2,
       "experts that all tokens go to, as one of so many times hid"},
      {"swiglu", &Shape::swiglu, 1, 0, 0, 1, "1: silu of a gate, 0: relu"},
      {"bias", &Shape::bias, 0, 0, 0, 1, "1: router and experts have biases"},
      {"clip", &Shape::clip, 0, 0, 0, 2,
       "both halves of swiglu are clipped at it and 1 is added to the linear one (GPT-OSS: 7), 0: "
       "not"},
  });
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "ic", "hid", "experts", "active"});

  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::moe
