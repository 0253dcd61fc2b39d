// Networks of oneDNN's primitives: what lies between them stays as it was made.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "kernels/agreement.h"
#include "kernels/composition.h"
#include "kernels/network/executor.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/layout.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::onednn {
namespace {

using dnnl::memory;

constexpr auto f32 = memory::data_type::f32;

/// x through the steps to y, prepared, run twice and held against the definition.
class Chained {
 public:
  Chained(std::vector<Operand> operands, std::vector<Step> steps)
      : network_(network_of(Composition{std::move(operands), std::move(steps)}, Pass::forward)),
        tensors_(operands_of(network_)) {
    fill(tensors_, 1);
    Tensors<double> truth(tensors_);
    run_reference(network_, truth);
    preparation_ = prepare_network(network_, "onednn", {}, tensors_);
    prepared().run();
    prepared().run();
    prepared().fetch();
    const Agreement agreement =
        check_agreement(output_values(tensors_), output_values(truth), {1e-3, 1e-3});
    EXPECT_TRUE(agreement.passed) << agreement.reason;
  }

  Prepared& prepared() { return std::get<Prepared>(preparation_); }

  std::size_t reorders() {
    return static_cast<std::size_t>(std::ranges::count(prepared().parts, true, &RunPart::forced));
  }

  Tensors<float>& tensors() { return tensors_; }

 private:
  Network network_;
  Tensors<float> tensors_;
  Preparation preparation_;
};

Step conv(std::string label, std::string src, std::string dst) {
  return {std::move(label),
          "conv2d",
          "mb1ic32ih14oc32oh14kh3ph1",
          {{"src", std::move(src)}, {"dst", std::move(dst)}}};
}

Step relu(std::string src, std::string dst) {
  return {"relu", "relu", "mb1ic32ih14iw14", {{"src", std::move(src)}, {"dst", std::move(dst)}}};
}

std::vector<Operand> image(std::vector<std::int64_t> result = {1, 32, 14, 14}) {
  return {{"x", {1, 32, 14, 14}, Role::input}, {"y", std::move(result), Role::output}};
}

// Convolutions leave blocks of channels or channels last; an activation takes either.
TEST(OnednnNetwork, ActivationsTakeTheLayoutOfWhatIsBeforeThem) {
  Chained apart(image(), {conv("a", "x", "h"), conv("b", "h", "y")});
  Chained joined(image(), {conv("a", "x", "h"), relu("h", "r"), conv("b", "r", "y")});
  EXPECT_EQ(joined.reorders(), apart.reorders());
}

TEST(OnednnNetwork, SoDoSumsNormalisationsAndPools) {
  Chained apart(image(), {conv("a", "x", "h"), conv("b", "h", "y")});
  Chained joined(
      image({1, 32, 7, 7}),
      {conv("a", "x", "h"),
       {"norm", "batchnorm", "mb1ic32ih14iw14", {{"src", "h"}, {"dst", "n"}}},
       conv("b", "n", "g"),
       {"sum", "add", "1x32x14x14:1x32x14x14", {{"src0", "g"}, {"src1", "n"}, {"dst", "s"}}},
       {"pool", "max_pool", "mb1ic32ih14oh7kh2sh2", {{"src", "s"}, {"dst", "y"}}}});
  EXPECT_EQ(joined.reorders(), apart.reorders());
}

// Rows of features are no blocks of channels: a reorder, if the convolution made blocks.
TEST(OnednnNetwork, ReordersAreNamed) {
  Chained run(image({1, 32, 14, 14}),
              {conv("a", "x", "h"), {"rows", "softmax", "mb448c14", {{"src", "h"}, {"dst", "y"}}}});
  for (const RunPart& part : run.prepared().parts) {
    if (part.forced) {
      EXPECT_EQ(part.label, "reorder of h");
      EXPECT_THAT(run.prepared().implementation, testing::HasSubstr("reorder of h ("));
    }
  }
  EXPECT_LE(run.reorders(), 1U);
}

// What was packed in prepare is what runs: changed weights count once they are fed.
TEST(OnednnNetwork, PacksWeightsWhenFedAndNeverInARun) {
  Chained run(image(), {conv("a", "x", "h"), conv("b", "h", "y")});
  const std::vector<float> before = output_values(run.tensors());
  for (const char* weights : {"a.weights", "b.weights"}) {
    std::ranges::fill(run.tensors().find(weights)->data, 0.0F);
  }
  run.prepared().feed();
  run.prepared().run();
  run.prepared().fetch();
  EXPECT_NE(output_values(run.tensors()), before);
}

memory::desc blocked() { return {{2, 32, 4, 5}, f32, memory::format_tag::nChw16c}; }

TEST(TensorLayout, HasOnednnsName) {
  EXPECT_EQ(TensorLayout(blocked(), plain({2, 32, 4, 5})).name(), "aBcd16b");
  EXPECT_EQ(
      TensorLayout({{2, 32, 4, 5}, f32, memory::format_tag::nhwc}, plain({2, 32, 4, 5})).name(),
      "acdb");
}

TEST(TensorLayout, IsPlainInWhateverDimensions) {
  const TensorLayout rows(plain({6, 4}), plain({6, 4}));
  const TensorLayout transposed(plain({6, 4}).permute_axes({1, 0}),
                                plain({6, 4}).permute_axes({1, 0}));
  const TensorLayout flat(plain({24}), plain({24}));
  EXPECT_TRUE(transposed.is_plain());
  EXPECT_TRUE(rows.same_as(transposed));
  EXPECT_TRUE(flat.same_as(rows));
  EXPECT_FALSE(TensorLayout(blocked(), plain({2, 32, 4, 5}))
                   .same_as(TensorLayout(plain({1280}), plain({1280}))));
}

TEST(TensorLayout, IsTheSameWithADimensionOfOneMore) {
  const TensorLayout four(blocked(), plain({2, 32, 4, 5}));
  const TensorLayout five({{2, 32, 1, 4, 5}, f32, memory::format_tag::nCdhw16c},
                          plain({2, 32, 1, 4, 5}));
  EXPECT_TRUE(four.same_as(five));
  EXPECT_TRUE(five.same_as(four));
}

// By way of the plain layout where dimensions do not fit: the numbers are the same in the end.
TEST(TensorLayout, ConvertsBetweenDimensionsThatDoNotFit) {
  const memory::dims matrix{32, 40};
  const TensorLayout from(blocked(), plain({2, 32, 4, 5}));
  const TensorLayout to({matrix, f32, memory::format_tag::ba}, plain(matrix));
  AlignedVector<float> numbers(1280), made(1280), wanted(1280), back(1280);
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  from.converter_from_plain(numbers.data(), made.data(), 1)();
  from.converter(&to, made.data(), wanted.data(), 1)();
  EXPECT_NE(wanted, numbers);
  to.converter(nullptr, wanted.data(), back.data(), 1)();
  EXPECT_EQ(back, numbers);
}

}  // namespace
}  // namespace flopmeter::onednn
