// What the machine says of itself: cores, memory nodes and caches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/machine.h"

namespace flopmeter {

/// What is not shown is empty.
struct Topology {
  std::optional<std::int64_t> cores = {};           // logical, that this process may run on
  std::optional<std::int64_t> physical_cores = {};  // of them; hyper-threads counted once
  std::optional<std::int64_t> numa_nodes = {};      // that these cores belong to
  std::vector<CacheRow> caches =
      {};  // data and unified, of the first of these cores; nearest first
};

/// The cache of a level as rows name it, "L1", "L2", ...; null where none is known.
const CacheRow* cache_of_level(std::span<const CacheRow> caches, std::string_view level);

/// This machine as hwloc sees it, else as sysfs shows it.
Topology measure_topology();

/// As hwloc sees this machine or, for tests, one that is described in hwloc's words for synthetic
/// ones: "package:2 l3:1 core:4 pu:2". Empty in a build without hwloc, and when it fails. hwloc's
/// own environment variables (HWLOC_XMLFILE, HWLOC_SYNTHETIC) describe another machine, too.
std::optional<Topology> topology_of_hwloc(const std::string& description = "");

/// As /proc and /sys below `root` show it.
Topology topology_of_sysfs(const std::filesystem::path& root = "/");

}  // namespace flopmeter
