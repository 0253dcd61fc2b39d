// What the floating-point events of performance counters would have read, where there are none.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {

/// One unit mask of Intel's FP_ARITH_INST_RETIRED (code 0xC7) or, of FP16, FP_ARITH_INST_RETIRED2
/// (0xCF): it counts instructions on so many elements.
struct FpArithEvent {
  std::string_view name;  // as in perf list
  std::uint8_t code;
  std::uint8_t umask;
  Element element;
  std::uint8_t elements;
};

std::span<const FpArithEvent> fp_arith_events();

/// What the event would have read, by Intel's descriptions: ADD SUB HADD HSUB SUBADD MUL DIV MIN
/// MAX SQRT RSQRT RCP once, DPP and FM(N)ADD/SUB twice, whatever a mask leaves out; no comparisons,
/// conversions, roundings, bfloat16, integers or x87. Intel says nothing of products of complex
/// FP16; they are taken as twice, and VRANGE as a MIN. A count, of instructions.
std::int64_t fp_arith_count(const Totals& totals, const FpArithEvent& event);

/// What a user of perf stat makes of all events: the sum of elements x count. FLOPs, an FMA as two,
/// min, max and reciprocals as one, masked lanes included.
std::int64_t fp_arith_flops(const Totals& totals);

/// What AMD's Retired SSE/AVX FLOPs (event 0x03) adds for an operation.
struct AmdFlops {
  std::string_view name;  // as in perf list
  std::uint8_t umask;
  Operation operation;
  Element element;     // none: f16, f32 and f64
  std::int64_t flops;  // a lane and product
};

std::span<const AmdFlops> amd_flops_table();

/// What event 0x03 with these unit masks would have read. FLOPs, an FMA as two. AMD says nothing of
/// masked lanes, taken in full, or of DPP, taken as its multiplies and adds.
std::int64_t amd_flops(const Totals& totals, std::uint8_t umasks);

}  // namespace flopmeter::executed
