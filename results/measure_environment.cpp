// Reads the environment from the build, /proc, /sys and the environment variables.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "results/build_info.h"
#include "results/cgroup.h"
#include "results/environment.h"
#include "results/system_file.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace flopmeter {
namespace {

using std::filesystem::path;

// As /proc/cpuinfo spells them. Every flag that begins with amx_ follows.
constexpr std::array<std::string_view, 13> relevant_isa{
    "sse4_2",   "avx",      "f16c",     "fma",         "avx2",        "avx_vnni",    "avx512f",
    "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16",
};

// Those by which oneDNN chooses its kernels, and by which OpenMP places and feeds its threads.
constexpr std::array variables{
    "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "DNNL_CPU_ISA_HINTS", "ONEDNN_CPU_ISA_HINTS",
    "OMP_NUM_THREADS",  "OMP_PROC_BIND",      "OMP_PLACES",         "OMP_DYNAMIC",
    "OMP_WAIT_POLICY",  "OMP_THREAD_LIMIT",   "GOMP_CPU_AFFINITY",  "GOMP_SPINCOUNT",
};

std::vector<std::string> select_isa(const std::vector<std::string>& flags) {
  const std::set<std::string, std::less<>> present(flags.begin(), flags.end());
  std::vector<std::string> isa;
  for (const std::string_view name : relevant_isa) {
    if (present.contains(name)) {
      isa.emplace_back(name);
    }
  }
  std::ranges::copy_if(present, std::back_inserter(isa),
                       [](const std::string& flag) { return flag.starts_with("amx_"); });
  return isa;
}

std::string join(const auto& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

/// The governors in use; several where cores differ.
std::string governors(const path& root) {
  std::set<std::string> found;
  std::error_code unreadable;
  for (const auto& entry :
       std::filesystem::directory_iterator(root / "sys/devices/system/cpu", unreadable)) {
    found.insert(first_line(entry.path() / "cpufreq/scaling_governor"));
  }
  found.erase("");
  return join(found, ",");
}

/// The name a hypervisor answers to the CPUID instruction, "KVMKVMKVM"; x86 only.
std::string hypervisor_of_cpuid() {
  std::string name;
#if defined(__x86_64__)
  std::array<unsigned, 4> registers{};
  __cpuid(0x40000000, registers[0], registers[1], registers[2], registers[3]);
  for (const unsigned part : {registers[1], registers[2], registers[3]}) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      const char c = static_cast<char>(part >> shift & 0xff);
      name += c >= ' ' && c <= '~' ? std::string(1, c) : "";
    }
  }
#endif
  return name;
}

std::string hypervisor(const path& root, const std::vector<std::string>& flags) {
  if (std::ranges::find(flags, "hypervisor") == flags.end()) {
    return {};
  }
  std::string name = first_line(root / "sys/hypervisor/type");
  if (name.empty() && root == "/") {
    name = hypervisor_of_cpuid();
  }
  return name.empty() ? "unknown" : name;
}

std::string cpu_id(const std::vector<std::string>& lines) {
  const std::array parts{value_of(lines, "vendor_id"), value_of(lines, "cpu family"),
                         value_of(lines, "model"), value_of(lines, "stepping")};
  return parts[0].empty() ? "" : join(parts, "-");
}

NamedValues variables_set() {
  NamedValues set;
  for (const char* name : variables) {
    if (const char* value = std::getenv(name); value != nullptr) {
      set.emplace_back(name, value);
    }
  }
  return set;
}

std::optional<std::int64_t> page_bytes() {
  const long bytes = sysconf(_SC_PAGESIZE);
  return bytes > 0 ? std::optional<std::int64_t>(bytes) : std::nullopt;
}

void read_build(Environment& environment) {
  const BuildInfo& build = build_info();
  environment.version = build.version;
  environment.commit = build.commit;
  environment.compiler = build.compiler;
  environment.flags = build.flags;
  environment.build_type = build.build_type;
}

void read_cpu(Environment& environment, const path& root) {
  // One paragraph a core; they agree on all that is read here.
  const std::vector<std::string> core = first_paragraph(root / "proc/cpuinfo");
  const std::vector<std::string> flags = split(value_of(core, "flags"));
  environment.cpu = value_of(core, "model name");
  environment.cpu_id = cpu_id(core);
  environment.isa = select_isa(flags);
  environment.hypervisor = hypervisor(root, flags);
}

}  // namespace

Environment measure_environment(NamedValues libraries, const path& root) {
  Environment environment;
  read_build(environment);
  environment.libraries = std::move(libraries);
  read_cpu(environment, root);
  environment.online_cores = count_cores(first_line(root / "sys/devices/system/cpu/online"));
  environment.affinity_cores =
      count_cores(value_of(first_paragraph(root / "proc/self/status"), "Cpus_allowed_list"));
  environment.quota_cores = cgroup_quota(root);
  environment.governor = governors(root);
  environment.kernel = first_line(root / "proc/sys/kernel/osrelease");
  environment.page_bytes = page_bytes();
  environment.variables = variables_set();
  return environment;
}

}  // namespace flopmeter
