// Sources: Intel's event files (github.com/intel/perfmon: SPR, MTL, ARL, SRF, mapfile.csv), whose
// metric Info_Core_FLOPc has the weights; AMD's processor programming references, PMCx003, and
// Linux' tools/perf/pmu-events/arch/x86/amdzen5 for Zen 5.
#include "counters/retired/event.h"

#include <algorithm>
#include <array>

namespace flopmeter::retired {
namespace {

constexpr std::array<Event, 2> generic{{
    {"cycles", "CYCLES", 0, ""},
    {"instructions", "INSTRUCTIONS", 0, ""},
}};

// Narrow to wide: CPUs without the last ones take the first 6 or 8.
constexpr std::array<Event, 13> fp_arith{{
    {"fp_scalar_f64", "FP_ARITH_INST_RETIRED:SCALAR_DOUBLE", 1, "f64"},
    {"fp_scalar_f32", "FP_ARITH_INST_RETIRED:SCALAR_SINGLE", 1, "f32"},
    {"fp_128_f64", "FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE", 2, "f64"},
    {"fp_128_f32", "FP_ARITH_INST_RETIRED:128B_PACKED_SINGLE", 4, "f32"},
    {"fp_256_f64", "FP_ARITH_INST_RETIRED:256B_PACKED_DOUBLE", 4, "f64"},
    {"fp_256_f32", "FP_ARITH_INST_RETIRED:256B_PACKED_SINGLE", 8, "f32"},
    {"fp_512_f64", "FP_ARITH_INST_RETIRED:512B_PACKED_DOUBLE", 8, "f64"},
    {"fp_512_f32", "FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE", 16, "f32"},
    {"fp_scalar_f16", "FP_ARITH_INST_RETIRED2:SCALAR_HALF", 1, "f16"},
    {"fp_complex_f16", "FP_ARITH_INST_RETIRED2:COMPLEX_SCALAR_HALF", 2, "f16"},
    {"fp_128_f16", "FP_ARITH_INST_RETIRED2:128B_PACKED_HALF", 8, "f16"},
    {"fp_256_f16", "FP_ARITH_INST_RETIRED2:256B_PACKED_HALF", 16, "f16"},
    {"fp_512_f16", "FP_ARITH_INST_RETIRED2:512B_PACKED_HALF", 32, "f16"},
}};
constexpr std::span<const Event> fp_arith_256 = std::span(fp_arith).first(6);
constexpr std::span<const Event> fp_arith_512 = std::span(fp_arith).first(8);

// FP_FLOPS_RETIRED.FP64 and .FP32, from Crestmont on. Gracemont and older E-cores count divides
// only.
constexpr std::array<Event, 2> e_core{{
    {"flops_f64", "r01c8", 1, "f64"},
    {"flops_f32", "r02c8", 1, "f32"},
}};

constexpr std::array<Event, 8> zen1{{
    {"flops_add_f32", "RETIRED_SSE_AVX_OPERATIONS:SP_ADD_SUB_FLOPS", 1, "f32"},
    {"flops_multiply_f32", "RETIRED_SSE_AVX_OPERATIONS:SP_MULT_FLOPS", 1, "f32"},
    {"flops_divide_f32", "RETIRED_SSE_AVX_OPERATIONS:SP_DIV_FLOPS", 1, "f32"},
    {"flops_mac_f32", "RETIRED_SSE_AVX_OPERATIONS:SP_MULT_ADD_FLOPS", 1, "f32"},
    {"flops_add_f64", "RETIRED_SSE_AVX_OPERATIONS:DP_ADD_SUB_FLOPS", 1, "f64"},
    {"flops_multiply_f64", "RETIRED_SSE_AVX_OPERATIONS:DP_MULT_FLOPS", 1, "f64"},
    {"flops_divide_f64", "RETIRED_SSE_AVX_OPERATIONS:DP_DIV_FLOPS", 1, "f64"},
    {"flops_mac_f64", "RETIRED_SSE_AVX_OPERATIONS:DP_MULT_ADD_FLOPS", 1, "f64"},
}};

constexpr std::array<Event, 5> zen{{
    {"flops_add", "RETIRED_SSE_AVX_FLOPS:ADD_SUB_FLOPS", 1, "any"},
    {"flops_multiply", "RETIRED_SSE_AVX_FLOPS:MULT_FLOPS", 1, "any"},
    {"flops_divide", "RETIRED_SSE_AVX_FLOPS:DIV_FLOPS", 1, "any"},
    {"flops_mac", "RETIRED_SSE_AVX_FLOPS:MAC_FLOPS", 1, "any"},
    {"flops_mac_bf16", "RETIRED_SSE_AVX_FLOPS:BFLOAT_MAC_FLOPS", 1, "bf16"},
}};
constexpr std::span<const Event> zen_without_bf16 = std::span(zen).first(4);

constexpr std::string_view intel_rule =
    "lanes x count; adds, multiplies, divides, square roots, min and max, an FMA twice; masked "
    "lanes in full; no compares, conversions or integer dot products";
constexpr std::string_view e_core_rule = "floating-point operations as the E-core weighs them";
constexpr std::string_view amd_rule =
    "adds, multiplies, divides and square roots, a multiply-accumulate as two";

constexpr std::array<Core, 13> core_table{{
    {"bdw", fp_arith_256, intel_rule},
    {"bdw_ep", fp_arith_256, intel_rule},
    {"skl", fp_arith_256, intel_rule},
    {"skx", fp_arith_512, intel_rule},
    {"clx", fp_arith_512, intel_rule},
    {"icl", fp_arith_512, intel_rule},
    {"icx", fp_arith_512, intel_rule},
    {"spr", fp_arith, intel_rule},
    {"perf_raw", e_core, e_core_rule},
    {"amd64_fam17h_zen1", zen1, amd_rule},
    {"amd64_fam17h_zen2", zen_without_bf16, amd_rule},
    {"amd64_fam19h_zen3", zen_without_bf16, amd_rule},
    {"amd64_fam19h_zen4", zen, amd_rule},
}};

// Emerald and Granite Rapids; Sierra Forest, Grand Ridge and Clearwater Forest; Alder and Raptor
// Lake; Meteor, Lunar and Arrow Lake.
constexpr std::array rapids{0xCF, 0xAD, 0xAE};
constexpr std::array forests{0xAF, 0xB6, 0xDD};
constexpr std::array alder_lake{0x97, 0x9A, 0xB7, 0xBA, 0xBF};
constexpr std::array meteor_lake{0xAA, 0xAC, 0xB5, 0xBD, 0xC5, 0xC6};

constexpr std::array<NewerCpu, 6> newer_table{{
    {"GenuineIntel", 6, rapids, "cpu", "spr"},
    {"GenuineIntel", 6, forests, "cpu", "perf_raw"},
    {"GenuineIntel", 6, alder_lake, "cpu_core", "skl"},
    {"GenuineIntel", 6, meteor_lake, "cpu_core", "skl"},
    {"GenuineIntel", 6, meteor_lake, "cpu_atom", "perf_raw"},
    {"AuthenticAMD", 0x1A, {}, "cpu", "amd64_fam19h_zen3"},  // Zen 5
}};

}  // namespace

std::span<const Event> generic_events() { return generic; }
std::span<const Core> cores() { return core_table; }
std::span<const NewerCpu> newer_cpus() { return newer_table; }

const Core* find_core(std::string_view pmu) {
  const auto* const found = std::ranges::find(core_table, pmu, &Core::pmu);
  return found == core_table.end() ? nullptr : found;
}

}  // namespace flopmeter::retired
