#include "bench/machine/topology.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>

#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

using CacheValues = std::array<std::optional<std::int64_t>, 4>;

std::vector<CacheValues> rows_of(const Topology& topology) {
  std::vector<CacheValues> rows;
  for (const CacheRow& cache : topology.caches) {
    rows.push_back({cache.level, cache.bytes, cache.line_bytes, cache.shared_by});
  }
  return rows;
}

Topology described_to_hwloc(const std::string& description) {
  const auto topology = topology_of_hwloc(description);
  EXPECT_TRUE(topology);
  return topology.value_or(Topology{});
}

class TopologyOfHwloc : public testing::Test {
 protected:
  void SetUp() override {
    if (!topology_of_hwloc("pu:1")) {
      GTEST_SKIP() << "this build has no hwloc";
    }
  }
};

// Prevents hyper-threads from passing as cores, and a shared cache as one's own.
TEST_F(TopologyOfHwloc, CountsTwoSocketsWithHyperThreads) {
  const Topology topology = described_to_hwloc(
      "package:2 numa:1 l3:1(size=33554432) core:4 l2:1(size=2097152) l1d:1(size=49152) "
      "l1i:1(size=32768) pu:2");
  EXPECT_THAT(topology.cores, Optional(16));
  EXPECT_THAT(topology.physical_cores, Optional(8));
  EXPECT_THAT(topology.numa_nodes, Optional(2));
  EXPECT_THAT(rows_of(topology),
              ElementsAre(CacheValues{1, 49152, 64, 2}, CacheValues{2, 2 << 20, 64, 2},
                          CacheValues{3, 32 << 20, 64, 8}));
}

TEST_F(TopologyOfHwloc, SeesClustersThatShareTheSecondLevel) {
  const Topology topology =
      described_to_hwloc("package:1 l3:2(size=16777216) l2:2(size=4194304) core:4 l1d:1 pu:1");
  EXPECT_THAT(topology.cores, Optional(16));
  EXPECT_THAT(topology.physical_cores, Optional(16));
  EXPECT_THAT(topology.numa_nodes, Optional(1));
  EXPECT_THAT(topology.caches[1].shared_by, Optional(4));
  EXPECT_THAT(topology.caches[2].shared_by, Optional(8));
}

TEST_F(TopologyOfHwloc, LeavesOutWhatTheMachineDoesNotShow) {
  EXPECT_THAT(described_to_hwloc("core:2 pu:1").caches, IsEmpty());
  EXPECT_FALSE(topology_of_hwloc("no such words"));
}

// Prevents two answers on one machine. Which cores share a cache, a container may hide from one.
TEST_F(TopologyOfHwloc, AgreesWithSysfsHere) {
  const auto seen = topology_of_hwloc();
  const Topology shown = topology_of_sysfs();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->cores, shown.cores);
  if (!shown.caches.empty() && !seen->caches.empty()) {
    EXPECT_EQ(seen->caches.front().bytes, shown.caches.front().bytes);
  }
}

class TopologyOfSysfs : public testing::Test {
 protected:
  void write_core(int core, std::string_view siblings) const {
    const std::string path = fmt::format("sys/devices/system/cpu/cpu{}/", core);
    root.write(path + "topology/thread_siblings_list", siblings);
    write_cache(path + "cache/index0/", "1", "Data", "48K", siblings);
    write_cache(path + "cache/index1/", "1", "Instruction", "32K", siblings);
    write_cache(path + "cache/index2/", "2", "Unified", "2048K", siblings);
    write_cache(path + "cache/index3/", "3", "Unified", "32M", "0-7\n");
  }

  void write_cache(const std::string& path, std::string_view level, std::string_view type,
                   std::string_view size, std::string_view shared) const {
    root.write(path + "level", level);
    root.write(path + "type", type);
    root.write(path + "size", size);
    root.write(path + "coherency_line_size", "64\n");
    root.write(path + "shared_cpu_list", shared);
  }

  TemporaryDirectory root;
};

// Prevents cores that a container may not use from being counted.
TEST_F(TopologyOfSysfs, CountsTheCoresOfThisProcess) {
  root.write("proc/self/status", "Name:\tflopmeter\nCpus_allowed_list:\t1,4-5\n");
  write_core(1, "1,5\n");
  write_core(4, "0,4\n");
  write_core(5, "1,5\n");
  root.write("sys/devices/system/node/online", "0-2\n");
  root.write("sys/devices/system/node/node0/cpulist", "0-1\n");
  root.write("sys/devices/system/node/node1/cpulist", "2-3\n");
  root.write("sys/devices/system/node/node2/cpulist", "4-7\n");
  const Topology topology = topology_of_sysfs(root.path());
  EXPECT_THAT(topology.cores, Optional(3));
  EXPECT_THAT(topology.physical_cores, Optional(2));
  EXPECT_THAT(topology.numa_nodes, Optional(2));
  EXPECT_THAT(rows_of(topology),
              ElementsAre(CacheValues{1, 49152, 64, 2}, CacheValues{2, 2 << 20, 64, 2},
                          CacheValues{3, 32 << 20, 64, 8}));
}

TEST_F(TopologyOfSysfs, IsEmptyWhereNothingIsShown) {
  const Topology topology = topology_of_sysfs(root.path());
  EXPECT_FALSE(topology.cores);
  EXPECT_FALSE(topology.physical_cores);
  EXPECT_FALSE(topology.numa_nodes);
  EXPECT_THAT(topology.caches, IsEmpty());
}

TEST(Topology, OfThisMachineHasACore) { EXPECT_GE(measure_topology().cores.value_or(0), 1); }

}  // namespace
}  // namespace flopmeter
