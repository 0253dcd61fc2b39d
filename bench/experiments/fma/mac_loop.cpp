#include "bench/experiments/fma/mac_loop.h"

#include <fmt/format.h>

#include <array>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr Need avx{CpuFeature::avx, "AVX"};
constexpr Need fma{CpuFeature::fma, "FMA"};
constexpr Need avx512{CpuFeature::avx512f, "AVX-512"};

// Three-operand forms at every width, so that nothing but the fusing differs.
constexpr std::array<Width, 4> table{{{"scalar", 128, true, avx, fma},
                                      {"128", 128, false, avx, fma},
                                      {"256", 256, false, avx, fma},
                                      {"512", 512, false, avx512, avx512}}};

constexpr std::array<std::string_view, 2> reals{"f32", "f64"};
constexpr std::array<std::string_view, 3> mixes{"throughput", "sum", "Horner"};
constexpr std::array<std::string_view, 3> equations{"a += x * y, 12 sums", "a += x * y, one sum",
                                                    "a = a * x + y, one chain"};
constexpr std::array<std::string_view, 4> forms{"multiply", "add", "multiply, add", "FMA"};

template <class Enum>
std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

std::string_view register_name(const Width& width) {
  return width.bits == 512 ? "zmm" : width.bits == 256 ? "ymm" : "xmm";
}

}  // namespace

std::span<const Width> widths() { return table; }

std::string_view to_string(Real real) { return reals.at(index(real)); }
std::string_view to_string(Mix mix) { return mixes.at(index(mix)); }
std::string_view to_string(Form form) { return forms.at(index(form)); }
std::string_view equation(Mix mix) { return equations.at(index(mix)); }

Real parse_real(std::string_view name) {
  for (const Real real : {Real::f32, Real::f64}) {
    if (to_string(real) == name) {
      return real;
    }
  }
  bad_input("unknown number type '{}': f32 or f64", name);
}

std::string MacLoop::instructions() const {
  const std::string suffix =
      fmt::format("{}{}", width->scalar ? 's' : 'p', real == Real::f32 ? 's' : 'd');
  const std::string_view registers = register_name(*width);
  switch (form) {
    case Form::multiply:
      return fmt::format("vmul{} {}", suffix, registers);
    case Form::add:
      return fmt::format("vadd{} {}", suffix, registers);
    case Form::separate:
      return fmt::format("vmul{0}, vadd{0} {1}", suffix, registers);
    case Form::fused:
      break;
  }
  return fmt::format("vfmadd{}{} {}", mix == Mix::horner ? 213 : 231, suffix, registers);
}

executed::Totals MacLoop::expected(std::int64_t passes) const {
  using executed::Operation;
  const std::int64_t times = passes * steps;
  executed::Totals totals;
  totals.instructions = 2 * passes;
  const auto add = [&](Operation operation) {
    const executed::Arithmetic one{
        .operation = operation,
        .element = real == Real::f32 ? executed::Element::f32 : executed::Element::f64,
        .lanes = static_cast<std::uint8_t>(lanes())};
    totals.add(one, times, times * lanes(), times * lanes());
    totals.instructions += times;
  };
  if (multiplies()) add(Operation::multiply);
  if (adds()) add(Operation::add);
  if (form == Form::fused) add(Operation::fma);
  return totals;
}

std::int64_t MacLoop::flops() const {
  const bool one = form == Form::multiply || form == Form::add;
  return std::int64_t{one ? 1 : 2} * steps * lanes();
}

std::vector<MacLoop> mac_loops(Real real, const Width& width) {
  std::vector<MacLoop> loops;
  for (const Form form : {Form::multiply, Form::add}) {
    loops.push_back({real, &width, Mix::throughput, form});
  }
  for (const Mix mix : all_mixes) {
    for (const Form form : {Form::separate, Form::fused}) {
      loops.push_back({real, &width, mix, form});
    }
  }
  return loops;
}

std::string why_not(const MacLoop& loop, const std::function<bool(CpuFeature)>& has) {
  return has(loop.need().feature) ? "" : fmt::format("this CPU has no {}", loop.need().name);
}

}  // namespace flopmeter
