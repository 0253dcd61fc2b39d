#include "bench/experiments/isa/onednn_isa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "kernels/bad_input.h"

#ifdef FLOPMETER_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

namespace flopmeter {
namespace {

struct Isa {
  std::string_view name;
  unsigned value;
};

#ifdef FLOPMETER_HAS_ONEDNN
constexpr Isa isas[] = {
    {"sse41", dnnl_cpu_isa_sse41},
    {"avx", dnnl_cpu_isa_avx},
    {"avx2", dnnl_cpu_isa_avx2},
    {"avx2_vnni", dnnl_cpu_isa_avx2_vnni},
    {"avx512_core", dnnl_cpu_isa_avx512_core},
    {"avx512_core_vnni", dnnl_cpu_isa_avx512_core_vnni},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16},
#if DNNL_VERSION_MAJOR >= 3
    {"avx512_core_fp16", dnnl_cpu_isa_avx512_core_fp16},
#endif
    {"avx512_core_amx", dnnl_cpu_isa_avx512_core_amx},
};
unsigned effective() { return dnnl_get_effective_cpu_isa(); }
#else
constexpr std::span<const Isa> isas;
unsigned effective() { return 0; }
#endif

}  // namespace

std::vector<std::string_view> onednn_isas() {
  std::vector<std::string_view> names;
  std::ranges::transform(isas, std::back_inserter(names), &Isa::name);
  return names;
}

std::string_view parse_onednn_isa(std::string_view name) {
  const auto found = std::ranges::find(isas, name, &Isa::name);
  if (std::ranges::empty(isas)) {
    bad_input("isa '{}': this build has no oneDNN", name);
  }
  if (found == std::ranges::end(isas)) {
    bad_input("unknown isa '{}': one of {}", name, fmt::join(onednn_isas(), ", "));
  }
  return found->name;
}

std::string effective_onednn_isa() {
  const unsigned value = effective();
  const auto found = std::ranges::find(isas, value, &Isa::value);
  return found == std::ranges::end(isas) ? fmt::format("{:#x}", value) : std::string(found->name);
}

std::vector<std::string> onednn_isa_limit(std::string_view isa) {
  std::string value;
  std::ranges::transform(isa, std::back_inserter(value),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return {"ONEDNN_MAX_CPU_ISA=" + value, "DNNL_MAX_CPU_ISA=" + value};
}

}  // namespace flopmeter
