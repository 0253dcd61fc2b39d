#include "bench/machine/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "bench/machine/cache.h"
#include "results/system_file.h"

namespace flopmeter {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> positive(std::int64_t value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> positive(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return positive(value);
}

fs::path cpu(const fs::path& root, std::int64_t core) {
  return root / fmt::format("sys/devices/system/cpu/cpu{}", core);
}

std::vector<CacheRow> caches_of(const fs::path& core) {
  std::vector<CacheRow> rows;
  for (int index = 0;; ++index) {
    const fs::path cache = core / fmt::format("cache/index{}", index);
    const std::string type = first_line(cache / "type");
    if (type.empty()) {
      std::ranges::stable_sort(rows, {}, &CacheRow::level);
      return rows;
    }
    if (type != "Instruction") {
      rows.push_back({.level = positive(first_line(cache / "level")),
                      .bytes = positive(parse_cache_size(first_line(cache / "size"))),
                      .line_bytes = positive(first_line(cache / "coherency_line_size")),
                      .shared_by = count_cores(first_line(cache / "shared_cpu_list"))});
    }
  }
}

/// How many different hyper-thread groups the cores belong to.
std::optional<std::int64_t> physical(const fs::path& root, const std::vector<std::int64_t>& cores) {
  std::set<std::string> groups;
  for (const std::int64_t core : cores) {
    const std::string siblings = first_line(cpu(root, core) / "topology/thread_siblings_list");
    if (siblings.empty()) {
      return {};
    }
    groups.insert(siblings);
  }
  return positive(static_cast<std::int64_t>(groups.size()));
}

std::optional<std::int64_t> nodes(const fs::path& root, const std::vector<std::int64_t>& cores) {
  const fs::path system = root / "sys/devices/system/node";
  std::int64_t count = 0;
  for (const std::int64_t node : cores_of(first_line(system / "online"))) {
    const auto here = cores_of(first_line(system / fmt::format("node{}/cpulist", node)));
    const auto is_here = [&](std::int64_t core) { return std::ranges::count(here, core) > 0; };
    count += std::ranges::any_of(cores, is_here) ? 1 : 0;
  }
  return positive(count);
}

}  // namespace

const CacheRow* cache_of_level(std::span<const CacheRow> caches, std::string_view level) {
  const auto found = std::ranges::find_if(caches, [&](const CacheRow& cache) {
    return cache.level && fmt::format("L{}", *cache.level) == level;
  });
  return found == caches.end() ? nullptr : &*found;
}

Topology topology_of_sysfs(const fs::path& root) {
  const std::string list =
      value_of(first_paragraph(root / "proc/self/status"), "Cpus_allowed_list");
  const std::vector<std::int64_t> cores = cores_of(list);
  if (cores.empty()) {
    return {.caches = caches_of(cpu(root, 0))};
  }
  return {.cores = count_cores(list),
          .physical_cores = physical(root, cores),
          .numa_nodes = nodes(root, cores),
          .caches = caches_of(cpu(root, cores.front()))};
}

Topology measure_topology() {
  const std::optional<Topology> seen = topology_of_hwloc();
  return seen ? *seen : topology_of_sysfs();
}

}  // namespace flopmeter
