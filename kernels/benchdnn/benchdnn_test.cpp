#include <gmock/gmock.h>

#include <map>

#include "kernels/benchdnn/batch.h"

namespace flopmeter::benchdnn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string read(std::string_view subject, std::string_view line) {
  const Wanted wanted = read_line(find_subject(subject), line);
  return fmt::format("{} {}", wanted.problem.layer->name, wanted.problem.shape());
}

// What each driver's manual says of its shapes.
TEST(Benchdnn, ReadsTheShapesOfEachDriver) {
  EXPECT_EQ(read("conv", "mb1ic3ih7oc4oh7kh3ph1n\"a\""), "conv2d mb1ic3ih7oc4oh7kh3ph1");
  EXPECT_EQ(read("conv", "mb1ic3iw7oc4ow7kw3pw1"), "conv1d mb1ic3iw7oc4ow7kw3pw1");
  EXPECT_EQ(read("deconv", "mb1ic3id3oc4od3kd3pd1").substr(0, 16), "conv_transpose3d");
  EXPECT_EQ(read("ip", "mb32ic512oc1000"), "linear mb32ic512oc1000");
  EXPECT_EQ(read("lnorm", "6x2x128x1024"), "layernorm mb1536c1024affine0");
  EXPECT_EQ(read("softmax", "16x12x128x128"), "softmax mb262144c12");
  EXPECT_EQ(read("softmax", "--axis=3 16x12x128x128"), "softmax mb24576c128");
  EXPECT_EQ(read("eltwise", "2x32x3x2"), "relu mb2ic32ih3iw2");
  EXPECT_EQ(read("eltwise", "--alg=logistic 5x16x3"), "sigmoid mb5ic16ih1iw3");
  EXPECT_EQ(read("rnn", "--alg=VANILLA_LSTM l1t2mb3sic16slc8dhc16dic16"),
            "lstm l1t2mb3slc8dhc16vectors1");
  EXPECT_EQ(read("rnn", "--alg=LBR_GRU --direction=concat sic16"), "gru l1t1mb2slc16dhc16dir2");
  EXPECT_EQ(read("sdpa", "2x8x384x64:2x8x64x384:2x8x384x64"), "sdpa mb2h8lq384d64");
  EXPECT_EQ(read("sdpa", "2x8x1x64:2x2x64x384:2x2x384x32"), "sdpa mb2h8hkv2lq1lk384d64dv32");
  EXPECT_EQ(read("brgemm", "--bs=4 16x64:64x5"), "matmul 16x256:256x5");
  EXPECT_EQ(read("bnorm", "--flags=GCH mb2ic3ih4_eps0.1"), "batchnorm mb2ic3ih4");
  EXPECT_EQ(read("pool", "--alg=avg_np mb1ic2ih4oh2kh2sh2ph0").substr(0, 8), "avg_pool");
}

// Layers understand the notation of their driver besides their own.
TEST(Benchdnn, LayersReadIt) {
  EXPECT_EQ(read("layernorm", "256x768"), "layernorm mb256c768");
  EXPECT_EQ(read("relu", "2x32x3x2"), "relu mb2ic32ih3iw2");
  EXPECT_EQ(read("lstm", "l1t1mb1sic16slc16dhc16dic16"), "lstm l1t1mb1slc16dhc16");
  EXPECT_EQ(read("sdpa", "2x8x384x64:2x8x64x384:2x8x384x64"), "sdpa mb2h8lq384d64");
  EXPECT_EQ(read("layernorm", "mb256c768"), "layernorm mb256c768");
  EXPECT_EQ(read("softmax", "--alg=LOGSOFTMAX 3x4"), "log_softmax mb3c4");
  EXPECT_EQ(read("rnn", "l2t3mb4slc5dhc6"), "rnn l2t3mb4slc5dhc6");
}

// The second tensor's missing dimensions are behind: 32 x 17 x 1 x 1.
TEST(Benchdnn, BinaryTensorsMayHaveFewerDimensions) {
  const Wanted wanted = read_line(find_subject("binary"), "32x17x2x3:32x17");
  EXPECT_EQ(wanted.problem.layer->name, "add");
  EXPECT_EQ(wanted.problem.formula(Pass::forward).dense.adds, 32 * 17 * 2 * 3);
}

// Where there are these layers.
TEST(Benchdnn, ReadsReductionsAndTheLike) {
  const auto expect = [](std::string_view driver, std::string_view line, const char* layer,
                         const char* shape) {
    if (std::ranges::find(layers(), layer, &AnyLayer::name) != layers().end()) {
      EXPECT_EQ(read(driver, line), fmt::format("{} {}", layer, shape));
    } else {
      EXPECT_THAT([&] { read(driver, line); }, ThrowsMessage<BadInput>(HasSubstr("no layer of")));
    }
  };
  expect("reduction", "--alg=mean 12x12:1x12", "reduce_mean", "12x12:1x12");
  expect("reduction", "--alg=norm_lp_sum --p=2 12x12:1x12", "reduce_l2", "12x12:1x12");
  expect("resampling", "--alg=linear mb1ic3ih4oh9", "resample_linear", "mb1ic3ih4iw4oh9ow9");
  expect("binary", "--alg=GE 3x4:3x4", "greater_equal", "3x4:3x4");
  expect("lrn", "mb2ic3ih4_alpha0.1_beta1.0", "lrn", "mb2ic3ih4");
  EXPECT_EQ(read("sum", "--sdt=f32:s8 2x3"), "add 2x3:2x3");
}

TEST(Benchdnn, OptionsArePassesTypesAndVariants) {
  const Wanted wanted = read_line(find_subject("conv"),
                                  "--dir=BWD_D,BWD_WB --dt=bf16,s8:s8:f32 --mb=5 mb1ic3ih7oc4kh3");
  EXPECT_THAT(wanted.passes, ElementsAre(Pass::backward_data, Pass::backward_weights));
  EXPECT_THAT(wanted.dtypes, ElementsAre(Dtype::bf16, Dtype::s8));
  EXPECT_THAT(wanted.problem.shape(), testing::StartsWith("mb5ic3"));
  const Wanted plain = read_line(find_subject("conv2d"), "--dir=FWD_D --conv mb1ic3ih7oc4kh3");
  EXPECT_THAT(plain.problem.shape(), HasSubstr("bias0"));
}

TEST(Benchdnn, RefusesWithTheReason) {
  const auto refused = [](std::string_view subject, std::string_view line, const char* why) {
    EXPECT_THAT([&] { read(subject, line); }, ThrowsMessage<BadInput>(HasSubstr(why))) << line;
  };
  refused("eltwise", "--alg=frobnicate 2x3", "no layer of benchdnn's algorithm 'frobnicate'");
  refused("rnn", "l1t2mb1sic16dhc32", "so it is in one step alone");
  refused("rnn", "--alg=LBR_GRU sic16dhc32", "one width, sic = dhc");
  refused("rnn", "l2t1mb1sic16slc8", "layers above the first take 8 features, of 16");
  refused("concat", "2x3x4:2x3x5", "differ along axis 1 alone");
  refused("concat", "2x3x4:2x0x4", "nothing is joined");
  refused("eltwise", "2x0", "of which nothing is computed");
  refused("rnn", "--alg=LBR_GRU sic16dhc32dic16", "only LSTM has a projection");
  refused("softmax", "2x3axis1", "is no dimension");
  refused("sdpa", "2x3:2x3:3x4", "do not fit each other");
  refused("reorder", "2x3", "computes nothing");
  refused("conv", "--frobnicate=1 mb1ic1ih1oc1kh1", "'--frobnicate=1' is no option");
  refused("conv2d", "ic3ih7", "conv2d");
  refused("layernorm", "256y768", "as in");
  refused("conv2d", "ic3ih7oc4kh3ph1kh5", "kh is given twice");
  refused("conv", "ic3_ih7_ic4_oc4kh3", "ic is given twice");
}

// benchdnn's states come in with another width than they go out, in one step; its two directions
// meet behind the last layer; it has one vector of biases.
TEST(Benchdnn, ReadsStatesAndDirectionsOfRecurrentCells) {
  EXPECT_EQ(read("rnn", "l1t1mb7_sic17_dhc34"), "rnn l1t1mb7slc17dhc34vectors1hin17");
  EXPECT_EQ(read("rnn", "--alg=VANILLA_LSTM --direction=concat l3t2mb1_sic16"),
            "lstm l3t2mb1slc16dhc16dir2vectors1join1");
  EXPECT_EQ(read("rnn", "--alg=VANILLA_LSTM --direction=sum l1t2mb1_sic16"),
            "lstm l1t2mb1slc16dhc16dir2vectors1join2");
  const Wanted attention = read_line(find_subject("rnn"), "--alg=VANILLA_AUGRU sic8");
  EXPECT_EQ(attention.problem.layer->name, "gru");
  EXPECT_THAT(attention.remark, HasSubstr("factor of attention"));
  EXPECT_THAT(read_line(find_subject("rnn"), "--alg=VANILLA_LSTM --with-peephole=true sic8").remark,
              HasSubstr("peephole"));
  // 2 directions x 3 layers x 2 steps x 4 gates x 16 units x (16 + 16) terms
  EXPECT_EQ(read_line(find_subject("rnn"), "--alg=VANILLA_LSTM --direction=concat l3t2mb1_sic16")
                .problem.formula(Pass::forward)
                .dense.macs,
            2 * 3 * 2 * 4 * 16 * (16 + 16));
}

// What changes a count is never dropped: windows within a channel, masks, groups of weights.
TEST(Benchdnn, OptionsThatChangeCountsAreFollowed) {
  EXPECT_EQ(read("lrn", "--alg=WITHIN ic15_id2_ls3n\"a\""), "lrn mb2ic15id2ls3within1");
  EXPECT_EQ(read("sdpa", "--mask=causal_top_left 1x2x4x8:1x2x8x6:1x2x6x8"),
            "sdpa mb1h2lq4lk6d8causal1topleft1");
  EXPECT_EQ(read("matmul", "--grouped=0:4:8+8+8+8 32x64:4x64x32"), "matmul 32x64:64x32");
  EXPECT_EQ(read("bnorm", "--dir=FWD_I mb2ic3ih4"), "batchnorm mb2ic3ih4train1affine0");
  EXPECT_EQ(read("eltwise", "--alg=pow 2x3"), "pow 2x3:1x1");
  EXPECT_EQ(read("eltwise", "--alg=linear 2x3"), "affine mb2ic3");
  EXPECT_EQ(read("eltwise", "--alg=elu_dst 2x3"), "elu mb2ic3");
  EXPECT_EQ(read("binary", "--alg=SELECT 2x3:2x1"), "where 2x3:2x3:2x1");
  EXPECT_EQ(read("sum", "--sdt=f32:f32:f32 2x3"), "reduce_sum 3x2x3:1x2x3");
  EXPECT_EQ(read("concat", "--axis=2 5x2x0x8:5x2x8x8:5x2x1x8:5x2x3x8"), "concat mb10a64b32");
  EXPECT_EQ(read("pool", "mb1ic1_iw2ow1kw1sw1pw0"), "max_pool mb1ic1iw1ow1kw1pw0");
  EXPECT_EQ(read("pool", "ic16_ih13oh14kh3sh1ph3"), "max_pool mb2ic16ih13oh13kh3ph2");
  EXPECT_EQ(read("pool", "ic16_ih20oh11kh3sh2ph0"), "max_pool mb2ic16ih20oh10kh3sh2ph0");
  EXPECT_EQ(read("pool", "mb1ic8_ih3oh3_kh3ph1_dh0dw0"), "max_pool mb1ic8ih3oh3kh3ph1");
  EXPECT_EQ(read("conv", "mb1ic2ih3oc4kh1n"), "conv2d mb1ic2ih3oc4oh3kh1ph0");
}

// Lists are one problem each, equal ones once.
TEST(Benchdnn, ListsOfOptionsAreAllRead) {
  Options options;
  options.take("--alg=MAX,AVG_NP,AVG_P");
  options.take("--dir=FWD_D,BWD_D");
  options.take("--mb=0,3");
  const Read read = read_shape(find_subject("pool"), options, "mb2ic3ih4kh2");
  ASSERT_EQ(read.wanted.size(), 6U);
  EXPECT_THAT(read.wanted[0].passes, ElementsAre(Pass::forward, Pass::backward_data));
  EXPECT_EQ(read.wanted[3].problem.shape(), "mb3ic3ih4oh3kh2ph0countpad0");
  Options half;
  half.take("--alg=RELU,NONE,RELU");
  const Read refused = read_shape(find_subject("eltwise"), half, "2x3");
  EXPECT_EQ(refused.wanted.size(), 1U);
  EXPECT_THAT(refused.refused, ElementsAre(HasSubstr("with --alg=NONE: there is no layer")));
  EXPECT_THAT(read_line(find_subject("pool"), "--alg=MAX,AVG_P ic3ih4kh2").remark,
              HasSubstr("the first of 2 problems"));
}

// A backslash at the end of a line continues the word.
TEST(Benchdnn, LinesOfAFileContinue) {
  const std::string text = "--alg=TANH, \\\n   RELU\n2x3  # --alg=\n--alg=AB\\\nS\n2x4n\n";
  const Batch batch = read_batch(find_subject("eltwise"), "in",
                                 [&](const std::string&) { return std::optional(text); });
  EXPECT_TRUE(batch.not_read.empty());
  ASSERT_EQ(batch.wanted.size(), 3U);
  EXPECT_EQ(batch.wanted[0].problem.layer->name, "tanh");
  EXPECT_EQ(batch.wanted[1].problem.layer->name, "relu");
  EXPECT_EQ(batch.wanted[2].problem.layer->name, "abs");
}

// A file of everything: options in force until --reset, other files, what is not understood.
TEST(Benchdnn, ReadsBatchFiles) {
  const std::map<std::string, std::string> files{
      {"in/all",
       "# shapes\n--reset --dt=f32 --batch=more\n--dir=BWD_D --stag=abx\n"
       "mb1ic2ih3oc4kh1 mb1ic2iw3oc4kw1  # two\n"
       "mb1ic2ih3oc4kh9\n--frob=1\n--batch=none\n--reset\nmb1ic2id3oc4kd1n\"last\"\n"},
      {"in/more", "mb7ic2ih3oc4kh1\n"}};
  const Batch batch = read_batch(find_subject("conv"), "in/all", [&](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::optional<std::string>() : found->second;
  });
  ASSERT_EQ(batch.wanted.size(), 4U);
  EXPECT_EQ(batch.wanted[0].problem.values[1], 7);
  EXPECT_THAT(batch.wanted[1].passes, ElementsAre(Pass::backward_data));
  EXPECT_EQ(batch.wanted[2].problem.layer->name, "conv1d");
  EXPECT_EQ(batch.wanted[3].problem.layer->name, "conv3d");
  EXPECT_EQ(batch.wanted[3].problem.label, "last");
  EXPECT_THAT(batch.wanted[3].passes, ElementsAre(Pass::forward));
  ASSERT_EQ(batch.not_read.size(), 3U);
  EXPECT_EQ(batch.not_read[0].origin, "in/all:5");
  EXPECT_THAT(batch.not_read[0].reason, HasSubstr("kernel spans 9"));
  EXPECT_EQ(batch.not_read[1].text, "--frob=1");
  EXPECT_EQ(batch.not_read[2].text, "none");
  const auto lines = lines_of(batch, "in/all");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "in/all: 3 of 7 shapes and options are not read:");
}

TEST(Benchdnn, AShapeThatIsNoneWithSomeOptionsIsRead) {
  const std::string text = "--alg=VANILLA_RNN,LBR_GRU\nt1sic16dhc32\nt2sic16dhc32\n";
  const Batch batch = read_batch(find_subject("rnn"), "in",
                                 [&](const std::string&) { return std::optional(text); });
  EXPECT_EQ(batch.shapes, 1U);
  ASSERT_EQ(batch.partly.size(), 1U);
  EXPECT_THAT(batch.partly[0].reason, HasSubstr("with --alg=LBR_GRU"));
  EXPECT_EQ(batch.not_read.size(), 1U);
  EXPECT_THAT(lines_of(batch, "in"),
              testing::IsSupersetOf({"in: 1 of 2 shapes and options are not read:",
                                     "in: 1 of 1 shapes are none with some of the options:"}));
}

TEST(Benchdnn, AFileThatIsNotThereIsRefused) {
  EXPECT_THAT(
      [] {
        read_batch(find_subject("conv"), "none",
                   [](const std::string&) { return std::optional<std::string>(); });
      },
      ThrowsMessage<BadInput>(HasSubstr("cannot read batch file 'none'")));
}

}  // namespace
}  // namespace flopmeter::benchdnn
