#include "results/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "results/cell.h"
#include "results/json.h"
#include "results/text_width.h"

namespace flopmeter {
namespace {

constexpr std::array<EnvironmentField, 18> environment_table{{
    {"schema", "", "schema", &Environment::schema},
    {"version", "", "flopmeter", &Environment::version},
    {"commit", "", "commit", &Environment::commit},
    {"compiler", "", "compiler", &Environment::compiler},
    {"flags", "", "flags", &Environment::flags},
    {"build_type", "", "build type", &Environment::build_type},
    {"libraries", "", "libraries", &Environment::libraries},
    {"cpu", "", "CPU", &Environment::cpu},
    {"cpu_id", "", "CPU id", &Environment::cpu_id},
    {"isa", "", "ISA", &Environment::isa},
    {"online_cores", "core", "cores online", &Environment::online_cores},
    {"affinity_cores", "core", "cores allowed", &Environment::affinity_cores},
    {"quota_cores", "core", "cgroup quota", &Environment::quota_cores},
    {"governor", "", "governor", &Environment::governor},
    {"hypervisor", "", "hypervisor", &Environment::hypervisor},
    {"kernel", "", "kernel", &Environment::kernel},
    {"page_bytes", "byte", "page size", &Environment::page_bytes},
    {"variables", "", "variables", &Environment::variables},
}};

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

std::span<const EnvironmentField> environment_fields() { return environment_table; }

std::string fingerprint(const Environment& environment) {
  return fmt::format("{:016x}", fnv1a(json_line(to_json(environment))));
}

std::string describe(const Environment& environment) {
  std::size_t width = 0;
  for (const EnvironmentField& field : environment_table) {
    width = std::max(width, display_width(field.heading));
  }
  std::string text;
  for (const EnvironmentField& field : environment_table) {
    const std::string value = cell(environment, field);
    text += fmt::format("{}  {}\n", pad_right(field.heading, width), value.empty() ? "-" : value);
  }
  return text;
}

}  // namespace flopmeter
