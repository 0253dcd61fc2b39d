#include "bench/experiments/isa/onednn_isa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "kernels/bad_input.h"

#ifdef FLOPMETER_HAS_ONEDNN
#include "kernels/onednn/describe.h"
#endif

namespace flopmeter {
namespace {

#ifdef FLOPMETER_HAS_ONEDNN
using onednn::Isa;
using onednn::isas;
unsigned effective() { return dnnl_get_effective_cpu_isa(); }
#else
struct Isa {
  std::string_view name;
  unsigned value;
};
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
