// A machine in one line.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "results/cell.h"
#include "results/report/findings.h"
#include "results/report/roofline.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

/// The widest instruction set that kernels choose, as people call it.
std::string widest_isa(const Environment& environment) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{
      {{"amx_tile", "AMX"},
       {"avx512f", "AVX-512"},
       {"avx2", "AVX2"},
       {"avx", "AVX"},
       {"sse4_2", "SSE4.2"},
       {"asimd", "Neon"}}};
  const auto found = std::ranges::find_if(names, [&](const auto& name) {
    return std::ranges::find(environment.isa, name.first) != environment.isa.end();
  });
  return found == names.end() ? "" : std::string(found->second);
}

std::string usable_cores(const MeasuredOn& measured) {
  const std::optional<std::int64_t>& cores = measured.environment.affinity_cores;
  const std::optional<double>& quota = measured.environment.quota_cores;
  return !cores ? ""
                : fmt::format("{}{}", plural(static_cast<std::size_t>(*cores), "core"),
                              quota ? fmt::format(" (time of {})", significant(*quota, 2)) : "");
}

/// "f32 peak 225.0 GFLOPS on 1 core, 448.1 on 2": the roofs of one kind and name, few cores first.
std::string roofs_text(const Roofline& diagram, bool bandwidth, std::string_view label,
                       std::string_view unit) {
  std::vector<const Roof*> roofs;
  for (const Roof& roof : diagram.roofs) {
    if (roof.bandwidth == bandwidth && roof.label == label) {
      roofs.push_back(&roof);
    }
  }
  std::ranges::sort(roofs, {}, &Roof::cores);
  std::string text;
  for (const Roof* roof : roofs) {
    text += text.empty() ? fmt::format("{}{} {} {} on {}", label, bandwidth ? "" : " peak",
                                       significant(roof->value, 4), unit,
                                       plural(static_cast<std::size_t>(roof->cores), "core"))
                         : fmt::format(", {} on {}", significant(roof->value, 4), roof->cores);
  }
  return text;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::vector<std::string> said;
  std::ranges::copy_if(parts, std::back_inserter(said),
                       [](const std::string& part) { return !part.empty(); });
  return fmt::format("{}", fmt::join(said, between));
}

}  // namespace

std::string machine_line(const ReportData& data, std::size_t environment) {
  const MeasuredOn& measured = data.environments.at(environment);
  const Roofline diagram = roofline(data, environment);
  const std::string cpu =
      measured.environment.cpu.empty() ? "a CPU that no line names" : measured.environment.cpu;
  const std::string what =
      joined({cpu, usable_cores(measured), widest_isa(measured.environment),
              measured.environment.hypervisor.empty() ? "" : "virtual machine"},
             ", ");
  return joined({what, roofs_text(diagram, false, "f32", "GFLOPS"),
                 roofs_text(diagram, true, "DRAM", "GB/s")},
                "; ");
}

}  // namespace flopmeter::report
