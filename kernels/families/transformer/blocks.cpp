#include "kernels/families/transformer/blocks.h"

namespace flopmeter::transformer {

Step normalise(const Residual& how, const std::string& label, const std::string& x,
               const std::string& y) {
  return {label, how.norm, fmt::format("mb{}c{}", how.tokens, how.e), {{"src", x}, {"dst", y}}};
}

Step add(const Residual& how, const std::string& label, const std::string& a, const std::string& b,
         const std::string& sum) {
  return {label,
          "add",
          fmt::format("{0}x{1}:{0}x{1}", how.tokens, how.e),
          {{"src0", a}, {"src1", b}, {"dst", sum}}};
}

void add_residual(Composition& made, const Residual& how, Step block, const std::string& x,
                  const std::string& y) {
  const std::string label = block.label;
  const bool first = how.placement != Placement::after;
  const std::string read = first ? label + "_normed" : x;
  const std::string out = label + "_out";
  block.bindings.push_back({"src", read});
  block.bindings.push_back({"dst", out});
  if (first) {
    made.steps.push_back(normalise(how, label + "_norm", x, read));
  }
  made.steps.push_back(std::move(block));
  switch (how.placement) {
    case Placement::before:
      made.steps.push_back(add(how, label + "_add", x, out, y));
      break;
    case Placement::around:
      made.steps.push_back(normalise(how, label + "_norm_out", out, label + "_branch"));
      made.steps.push_back(add(how, label + "_add", x, label + "_branch", y));
      break;
    case Placement::after:
      made.steps.push_back(add(how, label + "_add", x, out, label + "_total"));
      made.steps.push_back(normalise(how, label + "_norm", label + "_total", y));
      break;
  }
}

}  // namespace flopmeter::transformer
