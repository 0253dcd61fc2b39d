#include "kernels/families/transformer/blocks.h"

namespace flopmeter::transformer {

void add_residual(Composition& made, const Residual& how, Step block, const std::string& x,
                  const std::string& y) {
  const std::string label = block.label;
  const std::string rows = fmt::format("mb{}c{}", how.tokens, how.e);
  const std::string same = fmt::format("{0}x{1}:{0}x{1}", how.tokens, how.e);
  const std::string read = how.prenorm ? label + "_normed" : x;
  const std::string total = how.prenorm ? y : label + "_total";
  const Step sum{
      label + "_add", "add", same, {{"src0", x}, {"src1", label + "_out"}, {"dst", total}}};
  block.bindings.push_back({"src", read});
  block.bindings.push_back({"dst", label + "_out"});
  if (how.prenorm) {
    made.steps.push_back({label + "_norm", "layernorm", rows, {{"src", x}, {"dst", read}}});
  }
  made.steps.push_back(std::move(block));
  made.steps.push_back(sum);
  if (!how.prenorm) {
    made.steps.push_back({label + "_norm", "layernorm", rows, {{"src", total}, {"dst", y}}});
  }
}

}  // namespace flopmeter::transformer
