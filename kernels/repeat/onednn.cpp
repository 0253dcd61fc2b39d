// A concatenation of the same source with itself; its gradient is a sum over the copies.
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/repeat/repeat.h"

namespace flopmeter::repeat {
namespace {

onednn::PrimitivePlan plan(const Shape& s, Pass pass, const onednn::Types& types) {
  const dnnl::memory::dims one{s.mb, 1, s.c};
  const dnnl::memory::dims all{s.mb, s.times, s.c};
  const auto src = onednn::row_major(one, types.src);
  const auto dst = onednn::row_major(all, types.src);
  if (pass != Pass::forward) {
    const auto sum = onednn::describe<dnnl::reduction>(dnnl::algorithm::reduction_sum, dst,
                                                       onednn::plain(one), 0.0F, 0.0F);
    return {sum.impl_info_str(),
            {{dnnl::reduction(sum),
              {{DNNL_ARG_SRC, "diff_dst", onednn::plain(all), dst},
               {DNNL_ARG_DST, "diff_src", onednn::plain(one), onednn::plain(one)}}}}};
  }
  const auto description = onednn::describe_concat(
      1, std::vector<dnnl::memory::desc>(static_cast<std::size_t>(s.times), src));
  onednn::Stage stage{dnnl::concat(description),
                      {{DNNL_ARG_DST, "dst", onednn::plain(all), description.dst_desc()}}};
  for (int i = 0; i < static_cast<int>(s.times); ++i) {
    stage.arguments.push_back({DNNL_ARG_MULTIPLE_SRC + i, "src", onednn::plain(one), src});
  }
  return {description.impl_info_str(), {stage}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  constexpr std::int64_t most_copies = 512;  // a concatenation has a source for each
  if (s.times > most_copies) {
    return Unavailable{"oneDNN repeats rows by concatenation, which has too many sources here"};
  }
  if (s.times == 1 && setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no sum of one term"};
  }
  return onednn::prepare("repetition", setup, tensors,
                         [&](const onednn::Types& types) { return plan(s, setup.pass, types); });
}

}  // namespace flopmeter::repeat
