#include "kernels/moe/moe.h"

#include <algorithm>

#include "kernels/tolerance.h"

namespace flopmeter::moe {

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.hid == unset || s.experts == unset || s.active == unset) {
    bad_input("moe needs ic, hid, experts and active, as in mb16ic512hid1024experts8active2");
  }
  check_flag(name, "swiglu", s.swiglu);
  check_flag(name, "bias", s.bias);
  if (s.clip != 0 && (s.swiglu == 0 || s.shared != 0)) {
    bad_input("moe: clip is of swiglu1, and of experts without shared ones");
  }
  if (s.active > s.experts) {
    bad_input("moe: active is {}, but there are {} experts", s.active, s.experts);
  }
  return s;
}

/// What one token is multiplied with, beside all that is stored.
std::vector<Variable> Layer::variables(const Shape& s) {
  const std::int64_t matrices = 2 + s.swiglu;
  const std::int64_t expert =
      checked_add(checked_product(matrices, s.ic, s.hid), s.bias * ((1 + s.swiglu) * s.hid + s.ic));
  const std::int64_t shared =
      checked_add(checked_product(matrices, s.shared, s.ic, s.hid),
                  s.shared != 0 ? s.bias * ((1 + s.swiglu) * s.shared * s.hid + s.ic) : 0);
  const std::int64_t router = checked_multiply(s.experts, s.ic + s.bias);
  return {{"active_params",
           checked_add(checked_multiply(s.active, expert), checked_add(shared, router))}};
}

Composition Layer::composition(const Shape& s) {
  const std::string routed = s.shared != 0 ? "routed" : "dst";
  Composition made{{{"src", {s.mb, s.ic}, Role::input}, {"dst", {s.mb, s.ic}, Role::output}}, {}};
  made.steps = {{"router",
                 "linear",
                 fmt::format("mb{}ic{}oc{}bias{}", s.mb, s.ic, s.experts, s.bias),
                 {{"src", "src"}, {"dst", "logits"}}},
                {"routing",
                 "routing",
                 fmt::format("mb{}experts{}active{}", s.mb, s.experts, s.active),
                 {{"src", "logits"}, {"indices", "indices"}, {"shares", "shares"}}},
                {"experts",
                 "experts",
                 fmt::format("mb{}ic{}hid{}experts{}active{}swiglu{}bias{}clip{}", s.mb, s.ic,
                             s.hid, s.experts, s.active, s.swiglu, s.bias, s.clip),
                 {{"src", "src"}, {"indices", "indices"}, {"shares", "shares"}, {"dst", routed}}}};
  if (s.shared != 0) {
    made.steps.push_back({"shared",
                          "ffn",
                          fmt::format("mb{}ic{}hid{}swiglu{}bias{}", s.mb, s.ic,
                                      checked_multiply(s.shared, s.hid), s.swiglu, s.bias),
                          {{"src", "src"}, {"dst", "common"}}});
    made.steps.push_back({"sum",
                          "add",
                          fmt::format("{0}x{1}:{0}x{1}", s.mb, s.ic),
                          {{"src0", routed}, {"src1", "common"}, {"dst", "dst"}}});
  }
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t hidden = std::max<std::int64_t>(s.shared, 1) * s.hid;
  const std::int64_t in = s.ic + s.bias;
  if (pass == Pass::backward_weights) {
    return nested_sums_tolerance({in, hidden, s.ic, s.ic, s.mb * s.active}, dtype);
  }
  return nested_sums_tolerance({in, in, hidden + s.bias, hidden, s.active * 2, s.experts}, dtype);
}

}  // namespace flopmeter::moe
