// The environment: what a time was measured on and with. Rows of different environments are not
// comparable, so every row names its environment by fingerprint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flopmeter {

/// Names and what belongs to them: {{"oneDNN", "2.6.3"}, {"Eigen", "3.4.0"}}.
using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// The version of the result schema: it changes when a key changes its meaning.
inline constexpr std::int64_t schema_version = 1;

/// What could not be read is empty.
struct Environment {
  std::int64_t schema = schema_version;
  std::string version;  // of flopmeter
  std::string commit;
  std::string compiler;
  std::string flags;
  std::string build_type;
  NamedValues libraries;  // name and version, as the caller knows them

  std::string cpu;               // the model's name; a virtual machine may shorten it
  std::string cpu_id;            // vendor-family-model-stepping, which tells shortened names apart
  std::vector<std::string> isa;  // the instruction sets that kernels choose between
  std::optional<std::int64_t> online_cores;    // logical, of the machine
  std::optional<std::int64_t> affinity_cores;  // logical, that this process may run on
  std::optional<double> quota_cores;           // CPU time the control group allows; empty: no limit
  std::string governor;    // of the clock; empty where the machine does not show it
  std::string hypervisor;  // empty: none
  std::string kernel;
  std::optional<std::int64_t> page_bytes;
  NamedValues variables;  // environment variables that steer the kernels, those that are set

  bool operator==(const Environment&) const = default;
};

using EnvironmentMember =
    std::variant<std::int64_t Environment::*, std::optional<std::int64_t> Environment::*,
                 std::optional<double> Environment::*, std::string Environment::*,
                 std::vector<std::string> Environment::*, NamedValues Environment::*>;

/// One field: its key in JSON, its unit, its heading for people.
struct EnvironmentField {
  std::string_view key;
  std::string_view unit;
  std::string_view heading;
  EnvironmentMember member;
};

/// Every field, in the order of every output.
std::span<const EnvironmentField> environment_fields();

/// This build on this machine. `root` is where /proc and /sys are looked up.
Environment measure_environment(NamedValues libraries, const std::filesystem::path& root = "/");

/// 16 hexadecimal digits over all fields: equal exactly when the environments are (but for the
/// chance of 2^-64). The same on every machine and in every run.
std::string fingerprint(const Environment& environment);

/// One aligned line a field, for people.
std::string describe(const Environment& environment);

}  // namespace flopmeter
