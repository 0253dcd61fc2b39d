// What is expected of one version of oneDNN, whichever this build has.
#include "validate/executed/expectation.h"

#include <gtest/gtest.h>

#include <array>

namespace flopmeter {
namespace {

/// What the machine code of a case did, f32, on one thread of a CPU with AVX-512.
struct Recorded {
  const char* version;
  const char* layer;
  const char* shape;
  Pass pass;
  const char* implementation;
  Quantity quantity;
  std::int64_t executed;
};

constexpr std::array recorded{
    Recorded{"3.7.2", "lstm", "l1t5mb3slc7dhc11", Pass::forward, "brgemm:avx512_core",
             Quantity::macs, 24'720},
    Recorded{"2.6.3", "lstm", "l1t5mb3slc7dhc11", Pass::forward, "brgemm:avx512_core",
             Quantity::macs, 96'645},
    Recorded{"3.7.2", "lstm", "l3t3mb2slc5dhc7dic3dir2bias0", Pass::forward, "brgemm:avx512_core",
             Quantity::macs, 41'856},
    Recorded{"3.7.2", "gru", "l1t3mb2slc5dhc7dir2", Pass::forward, "brgemm:avx512_core",
             Quantity::macs, 10'752},
    Recorded{"3.7.2", "gru", "l1t1mb1slc1dhc1", Pass::forward, "brgemm:avx512_core", Quantity::macs,
             386},
    Recorded{"3.7.2", "conv2d", "mb1ic3ih28oc10oh28kh3ph1", Pass::forward, "jit:avx512_core",
             Quantity::macs, 322'752},
    Recorded{"3.7.2", "conv1d", "mb1ic300iw64oc100ow62kw3pw0", Pass::forward, "jit:avx512_core",
             Quantity::macs, 6'332'928},
    Recorded{"3.7.2", "conv3d", "g54mb1ic54id13ih40oc54od13oh40kd3kh3pd1ph1bias0", Pass::forward,
             "brdgmm_dw:avx512_core", Quantity::macs, 32'972'032},
    Recorded{"3.7.2", "conv3d", "mb1ic3id8ih56oc64od8oh28kd1kh7sd1sh2pd0ph3bias0",
             Pass::backward_data, "brgconv_strided:avx512_core", Quantity::macs, 295'731'200},
    Recorded{"3.7.2", "conv_transpose2d", "mb2ic6ih9oc4oh18kh3sh2ph1", Pass::forward,
             "brg_deconv:avx512_core+brgconv_strided:avx512_core", Quantity::macs, 129'792},
    Recorded{"3.7.2", "softmax", "mb3c67", Pass::forward, "jit:avx512_core_bf16",
             Quantity::operations, 6'402},
    Recorded{"3.7.2", "softmax", "mb1c1", Pass::forward, "jit:avx512_core_bf16",
             Quantity::operations, 498},
    Recorded{"3.7.2", "log_softmax", "mb200c29", Pass::forward, "jit:avx512_core_bf16",
             Quantity::operations, 245'200},
    Recorded{"3.7.2", "layernorm", "mb7c13affine0", Pass::forward, "jit:uni", Quantity::operations,
             2'107},
    Recorded{"3.7.2", "layernorm", "mb1000c17", Pass::forward, "jit:uni", Quantity::operations,
             449'000},
    Recorded{"3.7.2", "batchnorm", "mb1ic64ih32", Pass::forward, "bnorm_jit:avx512_core",
             Quantity::operations, 196'801},
    Recorded{"3.7.2", "batchnorm", "mb8ic2048ih7train1", Pass::forward, "bnorm_jit:avx512_core",
             Quantity::operations, 5'677'057},
    Recorded{"3.7.2", "batchnorm", "mb8ic2048ih7train1", Pass::backward_data,
             "bnorm_jit:avx512_core, both gradients in one primitive", Quantity::operations,
             8'138'753},
    Recorded{"3.7.2", "batchnorm", "mb3ic7ih13iw11train1", Pass::backward_data,
             "nspc_bnorm:any, both gradients in one primitive", Quantity::operations, 51'100},
    Recorded{"3.7.2", "gelu_erf", "mb1ic67", Pass::forward, "jit:avx512_core", Quantity::operations,
             1'568},
    Recorded{"3.7.2", "log", "mb1ic67", Pass::forward, "jit:avx512_core", Quantity::operations,
             2'448},
    Recorded{"2.6.3", "log", "mb1ic67", Pass::forward, "jit:avx512_core", Quantity::operations,
             2'336},
    Recorded{"3.7.2", "softplus", "mb1ic67", Pass::forward, "jit:avx512_core", Quantity::operations,
             5'040},
    Recorded{"3.7.2", "hardswish", "mb1ic67", Pass::backward_data, "jit:avx512_core",
             Quantity::operations, 784},
    Recorded{"3.7.2", "relu", "mb1ic67", Pass::backward_data, "jit:avx512_core",
             Quantity::operations, 224},
};

// Prevents effects of one version from being applied to another's kernels.
TEST(Expectation, IsThatOfTheVersion) {
  for (const Recorded& row : recorded) {
    const Case subject{parse_problem(find_layer(row.layer), row.shape), row.pass, "onednn",
                       Dtype::f32};
    const Expected of{subject, row.implementation, row.version, 16};
    EXPECT_EQ(expected_count(of, row.quantity).count(), row.executed)
        << row.version << ' ' << subject.name();
  }
}

}  // namespace
}  // namespace flopmeter
