// What is expected of oneDNN under AVX2, whatever CPU and version is here.
#include <gtest/gtest.h>

#include <array>

#include "validate/executed/expectation.h"

namespace flopmeter {
namespace {

/// What the machine code of a case did, f32, on one thread under DNNL_MAX_CPU_ISA=AVX2; oneDNN 2.6.3. Other shapes
/// than the default ones.
struct Avx2Case {
  const char* layer;
  const char* shape;
  Pass pass;
  const char* implementation;
  Quantity quantity;
  std::int64_t executed;
};

constexpr std::array avx2_cases{
    Avx2Case{"softplus", "mb1ic67", Pass::forward, "jit:avx2", Quantity::operations, 3'784},
    Avx2Case{"tanh", "mb1ic67", Pass::forward, "jit:avx2", Quantity::operations, 1'936},
    Avx2Case{"softmax", "mb5c19", Pass::forward, "jit:avx2", Quantity::operations, 3'160},
    Avx2Case{"log_softmax", "mb5c19", Pass::backward_data, "ref:any", Quantity::operations, 285},
    Avx2Case{"resample_linear", "mb2ic3ih5iw6oh11ow9", Pass::forward, "jit:avx2",
             Quantity::operations, 14'016},
    Avx2Case{"resample_linear", "mb1ic2id3ih4iw5od4oh6ow10", Pass::forward, "jit:avx2",
             Quantity::operations, 11'056},
    Avx2Case{"resample_nearest", "mb1ic2id3ih4iw5od4oh6ow10", Pass::forward, "jit:avx2",
             Quantity::operations, 448},
    Avx2Case{"resample_nearest", "mb2ic3ih5iw6oh11ow9", Pass::forward, "jit:avx2",
             Quantity::operations, 576},
    Avx2Case{"groupnorm", "g3mb2ic6ih5", Pass::forward, "ncsp_bnorm:any + jit:uni",
             Quantity::operations, 2'946},
    Avx2Case{"groupnorm", "g3mb1ic6ih5", Pass::backward_weights,
             "ncsp_bnorm:any + jit:uni + jit:avx2 + jit:avx2", Quantity::operations, 998},
    Avx2Case{"groupnorm", "g3mb1ic6iw5", Pass::backward_weights,
             "ncsp_bnorm:any + jit:uni + jit:avx2 + jit:avx2", Quantity::operations, 194},
    Avx2Case{"groupnorm", "g3mb2ic6", Pass::forward, "ncsp_bnorm:any + jit:uni",
             Quantity::operations, 194},
    Avx2Case{"groupnorm", "g1mb2ic1iw9", Pass::forward, "ncsp_bnorm:any + jit:uni",
             Quantity::operations, 216},
    Avx2Case{"instancenorm", "mb2ic6ih5affine1", Pass::forward, "ncsp_bnorm:any + jit:uni",
             Quantity::operations, 3'024},
    Avx2Case{"sdpa", "mb2h3lq5lk9d7dv11", Pass::forward, "matmul, softmax, matmul", Quantity::macs,
             11'040},
    Avx2Case{"sdpa", "mb2h4hkv2lq5lk9d7", Pass::forward,
             "reorder, matmul, softmax, matmul, reorder", Quantity::macs, 11'840},
    Avx2Case{"sdpa", "mb2h3lq5lk9d7dv11", Pass::backward_data, "matmuls and softmax",
             Quantity::macs, 14'592},
    Avx2Case{"sdpa", "mb1h4hkv1lq3lk9d7", Pass::forward,
             "reorder, matmul, softmax, matmul, reorder", Quantity::macs, 3'552},
    Avx2Case{"sdpa", "mb2h2lq1lk600d1", Pass::forward, "matmul, softmax, matmul", Quantity::macs,
             57'600},
    Avx2Case{"sdpa", "mb2h2lq3lk600d4dv1", Pass::forward, "matmul, softmax, matmul", Quantity::macs,
             86'436},
    Avx2Case{"sdpa", "mb2h2lq3lk600d1", Pass::backward_data, "matmuls and softmax", Quantity::macs,
             48'132},
    Avx2Case{"sdpa", "mb2h2lq1lk7d5", Pass::backward_data, "matmuls and softmax", Quantity::macs,
             1'592},
    Avx2Case{"sdpa", "mb2h2lq7lk1d5", Pass::backward_data, "matmuls and softmax", Quantity::macs,
             1'848},
    Avx2Case{"sdpa", "mb1h1lq600lk7d1", Pass::backward_data, "matmuls and softmax", Quantity::macs,
             54'656},
    Avx2Case{"linear", "mb9ic50oc130", Pass::forward, "x64:gemm:jit", Quantity::macs, 61'200},
    Avx2Case{"linear", "mb32ic1000oc1024", Pass::forward, "x64:gemm:jit", Quantity::macs,
             30'720'000},
    Avx2Case{"linear", "mb1ic20oc15", Pass::backward_data, "x64:gemm:jit", Quantity::macs, 720},
    Avx2Case{"linear", "mb7ic13oc11", Pass::backward_weights, "x64:gemm:jit", Quantity::macs,
             1'344},
    Avx2Case{"linear", "mb2ic20oc16", Pass::forward, "x64:gemm:jit", Quantity::products, 672},
    Avx2Case{"matmul", "4x17x19:1x19x23", Pass::forward, "gemm:jit", Quantity::macs, 30'096},
    Avx2Case{"matmul", "2x9x16:2x16x5", Pass::backward_data, "gemm:jit", Quantity::macs, 1'440},
    Avx2Case{"matmul", "61x67:67x71", Pass::backward_weights, "gemm:jit", Quantity::macs, 289'872},
    Avx2Case{"lstm", "l2t3mb2slc5dhc7dic3dir2", Pass::forward, "ref", Quantity::macs, 44'712},
    Avx2Case{"lstm", "l1t1mb1slc40dhc129", Pass::forward, "ref", Quantity::macs, 92'961},
    Avx2Case{"rnn", "l1t5mb3slc7dhc11", Pass::forward, "ref", Quantity::macs, 7'200},
    Avx2Case{"gru", "l1t1mb1slc70dhc100", Pass::forward, "ref", Quantity::macs, 57'804},
    Avx2Case{"gru", "l1t4mb17slc9dhc13dir2", Pass::forward, "ref", Quantity::macs, 239'280},
    Avx2Case{"lstm", "l1t4mb1slc33dhc17dic16", Pass::backward_data,
             "ref, both gradients in one primitive", Quantity::macs, 32'884},
    Avx2Case{"rnn", "l2t4mb3slc1dhc20", Pass::backward_weights,
             "ref, both gradients in one primitive", Quantity::macs, 34'200},
    Avx2Case{"gru", "l1t5mb3slc7dhc11", Pass::backward_data, "ref, both gradients in one primitive",
             Quantity::macs, 22'980},
    Avx2Case{"conv2d", "mb3ic7ih13oc5oh11kh3ph0", Pass::forward, "jit:avx2", Quantity::macs,
             182'952},
    Avx2Case{"conv2d", "mb2ic9ih9oc11oh9kh3ph1", Pass::forward, "jit:avx2", Quantity::macs,
             320'000},
    Avx2Case{"conv2d", "mb2ic9ih9oc11oh9kh1ph0", Pass::forward, "jit_1x1:avx2", Quantity::macs,
             41'472},
    Avx2Case{"conv2d", "mb2ic2ih9oc11oh9kh3ph1", Pass::backward_weights, "jit:avx2", Quantity::macs,
             160'000},
    Avx2Case{"conv_transpose2d", "mb2ic11ih9oc2oh9kh3ph1", Pass::backward_weights, "jit:avx2",
             Quantity::macs, 160'000},
    Avx2Case{"conv_transpose2d", "mb2ic11ih9oc9oh9kh3ph1", Pass::backward_data, "jit:avx2",
             Quantity::macs, 320'000},
    Avx2Case{"conv3d", "g4mb1ic16id7oc32od7kd3pd1", Pass::forward, "x64:gemm:jit", Quantity::macs,
             1'016'064},
    Avx2Case{"conv2d", "g4mb2ic16ih6oc12oh6kh3ph1", Pass::backward_data, "x64:gemm:jit",
             Quantity::macs, 34'560},
    Avx2Case{"conv2d", "mb1ic8ih4oc8oh4kh5ph2", Pass::backward_weights, "x64:gemm:jit",
             Quantity::macs, 19'200},
    Avx2Case{"conv_transpose2d", "g4mb1ic16ih10oc8oh20kh4sh2ph1", Pass::forward, "x64:gemm:jit",
             Quantity::macs, 49'920},
    Avx2Case{"conv_transpose2d", "g4mb1ic16ih10oc8oh20kh4sh2ph1", Pass::backward_data,
             "x64:gemm:jit", Quantity::macs, 53'248},
    Avx2Case{"conv_transpose3d", "g2mb1ic8id5oc4od10kd4sd2pd1bias0", Pass::backward_weights,
             "x64:gemm:jit", Quantity::macs, 128'000},
};

// Prevents rows of AVX-512 from being applied to kernels of eight lanes, and formulas of theirs that are fitted to the
// default shapes.
TEST(Expectation, OfAvx2IsWhatWasExecuted) {
  for (const Avx2Case& row : avx2_cases) {
    const Case subject{parse_problem(find_layer(row.layer), row.shape), row.pass, "onednn",
                       Dtype::f32};
    constexpr int lanes = 8;
    const Expected of{subject, row.implementation, "2.6.3", lanes, {}};
    EXPECT_EQ(expected_count(of, row.quantity).count(), row.executed) << subject.name();
  }
}

// Prevents a vector's operation from being left out twice: softmax of 3.7.2 has it in no instruction set.
TEST(Expectation, OfAvx2IsThatOfTheVersion) {
  const Case subject{parse_problem(find_layer("softmax"), "mb196c49"), Pass::forward, "onednn",
                     Dtype::f32};
  const Expected of{subject, "jit:avx2", "3.7.2", 8, {}};
  EXPECT_EQ(expected_count(of, Quantity::operations).count(), 283'808);
}

}  // namespace
}  // namespace flopmeter
