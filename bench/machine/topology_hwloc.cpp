#include "bench/machine/topology.h"

#ifdef FLOPMETER_HAS_HWLOC

#include <hwloc.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace flopmeter {
namespace {

struct FreeHwlocTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using HwlocTopology = std::unique_ptr<hwloc_topology, FreeHwlocTopology>;

struct FreeHwlocBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using HwlocBitmap = std::unique_ptr<hwloc_bitmap_s, FreeHwlocBitmap>;

HwlocTopology load_hwloc(const std::string& description) {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) {
    return nullptr;
  }
  HwlocTopology owner(topology);
  // Cores that a container withholds share the caches all the same.
  hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  const bool described =
      description.empty() || hwloc_topology_set_synthetic(topology, description.c_str()) == 0;
  return described && hwloc_topology_load(topology) == 0 ? std::move(owner) : nullptr;
}

/// The logical cores that this process may run on; of another machine, all of them.
HwlocBitmap allowed_cores(hwloc_topology_t topology) {
  HwlocBitmap cores(hwloc_bitmap_alloc());
  if (hwloc_topology_is_thissystem(topology) == 0 ||
      hwloc_get_cpubind(topology, cores.get(), HWLOC_CPUBIND_PROCESS) != 0) {
    hwloc_bitmap_copy(cores.get(), hwloc_topology_get_topology_cpuset(topology));
  }
  return cores;
}

/// Objects of the type that have any of the cores; empty where there is no such type.
std::optional<std::int64_t> count_with(hwloc_topology_t topology, hwloc_obj_type_t type,
                                       hwloc_const_bitmap_t cores) {
  std::int64_t count = 0;
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr) {
    count += hwloc_bitmap_intersects(object->cpuset, cores);
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

std::optional<std::int64_t> shown(std::uint64_t value) {
  return value > 0 ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

/// The data and unified caches between a core and memory.
std::vector<CacheRow> caches_above(hwloc_obj_t object) {
  std::vector<CacheRow> rows;
  for (; object != nullptr; object = object->parent) {
    if (hwloc_obj_type_is_dcache(object->type) != 0) {
      const auto& cache = object->attr->cache;
      rows.push_back(
          {.level = cache.depth,
           .bytes = shown(cache.size),
           .line_bytes = shown(cache.linesize),
           .shared_by = shown(static_cast<std::uint64_t>(hwloc_bitmap_weight(object->cpuset)))});
    }
  }
  return rows;
}

}  // namespace

std::optional<Topology> topology_of_hwloc(const std::string& description) {
  const HwlocTopology owner = load_hwloc(description);
  if (!owner) {
    return {};
  }
  hwloc_topology_t const topology = owner.get();
  const HwlocBitmap cores = allowed_cores(topology);
  const int first = hwloc_bitmap_first(cores.get());
  return Topology{.cores = count_with(topology, HWLOC_OBJ_PU, cores.get()),
                  .physical_cores = count_with(topology, HWLOC_OBJ_CORE, cores.get()),
                  .numa_nodes = count_with(topology, HWLOC_OBJ_NUMANODE, cores.get()),
                  .caches = caches_above(hwloc_get_pu_obj_by_os_index(
                      topology, static_cast<unsigned>(std::max(first, 0))))};
}

}  // namespace flopmeter

#else

namespace flopmeter {

std::optional<Topology> topology_of_hwloc(const std::string& /*description*/) { return {}; }

}  // namespace flopmeter

#endif
