#include "bench/machine/cpu_feature.h"

#include <fmt/format.h>
#include <xbyak/xbyak_util.h>

#include <algorithm>
#include <array>

#include "counters/tile_permission.h"

namespace flopmeter {
namespace {

using Xbyak::util::Cpu;

struct FeatureRow {
  CpuFeature feature;
  std::string_view name;
  Cpu::Type bits;
  bool tiles = false;
};

const std::array<FeatureRow, 14>& feature_table() {
  using enum CpuFeature;
  static const std::array<FeatureRow, 14> features{{
      {sse2, "sse2", Cpu::tSSE2},
      {avx, "avx", Cpu::tAVX},
      {fma, "fma", Cpu::tAVX | Cpu::tFMA},
      {avx2, "avx2", Cpu::tAVX2 | Cpu::tFMA},
      {avx512f, "avx512f", Cpu::tAVX512F},
      {avx512bw, "avx512bw", Cpu::tAVX512BW},
      {avx512_fp16, "avx512_fp16", Cpu::tAVX512_FP16 | Cpu::tAVX512VL},
      {avx512_bf16, "avx512_bf16", Cpu::tAVX512_BF16},
      {avx512_bf16_vl, "avx512_bf16", Cpu::tAVX512_BF16 | Cpu::tAVX512VL},
      {avx512_vnni, "avx512_vnni", Cpu::tAVX512_VNNI},
      {avx512_vnni_vl, "avx512_vnni", Cpu::tAVX512_VNNI | Cpu::tAVX512VL},
      {avx_vnni, "avx_vnni", Cpu::tAVX_VNNI},
      {amx_bf16, "amx_bf16", Cpu::tAMX_TILE | Cpu::tAMX_BF16, true},
      {amx_int8, "amx_int8", Cpu::tAMX_TILE | Cpu::tAMX_INT8, true},
  }};
  return features;
}

const FeatureRow* find_feature(CpuFeature feature) {
  const auto& features = feature_table();
  const auto* const found = std::ranges::find(features, feature, &FeatureRow::feature);
  return found == features.end() ? nullptr : found;
}

bool cpuid_shows(const FeatureRow& row) {
  static const Cpu cpu;
  return cpu.has(row.bits);
}

}  // namespace

bool cpu_has(CpuFeature feature) {
  const FeatureRow* const row = find_feature(feature);
  return row != nullptr && cpuid_shows(*row) && (!row->tiles || may_use_tiles());
}

std::string_view to_string(CpuFeature feature) {
  const FeatureRow* const row = find_feature(feature);
  return row == nullptr ? "?" : row->name;
}

std::string why_not(CpuFeature feature, const std::function<bool(CpuFeature)>& has) {
  if (has(feature)) {
    return "";
  }
  const FeatureRow* const row = find_feature(feature);
  const bool refused = row != nullptr && row->tiles && cpuid_shows(*row);
  return refused ? "the kernel gives no permission to use AMX tiles"
                 : fmt::format("this CPU has no {}", to_string(feature));
}

}  // namespace flopmeter
