#include "counters/retired/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>

#include "counters/retired/fake_root.h"

namespace flopmeter::retired {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(const std::vector<PlannedEvent>& plan) {
  std::vector<std::string> result;
  for (const PlannedEvent& event : plan) {
    result.push_back(event.name);
  }
  return result;
}

std::vector<std::uint64_t> configs(const std::vector<PlannedEvent>& plan) {
  std::vector<std::uint64_t> result;
  for (const PlannedEvent& event : plan) {
    result.push_back(event.encoding.config);
  }
  return result;
}

TEST(RetiredMachine, ReadsTheCpuAndItsPmus) {
  const FakeRoot root;
  EXPECT_FALSE(has_cpu_pmu(root.path()));
  root.write("proc/cpuinfo",
             "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
             "model name\t: Xeon\npower management:\n\nvendor_id\t: second core\n");
  root.add_device("cpu_atom", 10);
  const CpuId cpu = read_cpu_id(root.path());
  EXPECT_EQ(cpu.vendor, "GenuineIntel");
  EXPECT_EQ(cpu.family, 6);
  EXPECT_EQ(cpu.model, 143);
  EXPECT_TRUE(has_cpu_pmu(root.path()));
  EXPECT_EQ(device_type(root.path(), "cpu_atom"), 10);
  EXPECT_EQ(device_type(root.path(), "cpu_core"), std::nullopt);
}

TEST(RetiredMachine, ReadsNothingWhereThereIsNothing) {
  const CpuId cpu = read_cpu_id("/nonexistent");
  EXPECT_EQ(cpu.vendor, "");
  EXPECT_EQ(cpu.model, -1);
  EXPECT_FALSE(has_cpu_pmu("/nonexistent"));
}

TEST(RetiredPlan, TakesTheCoreThatLibpfmFinds) {
  const auto plan = plan_events({{"AuthenticAMD", 0x19, 0x11}, {"amd64_fam19h_zen4"}, "/none"});
  EXPECT_THAT(names(plan), ElementsAre("cycles", "instructions", "flops_add", "flops_multiply",
                                       "flops_divide", "flops_mac", "flops_mac_bf16"));
  EXPECT_THAT(configs(plan), ElementsAre(0, 1, 0x103, 0x203, 0x403, 0x803, 0x1003));
  EXPECT_EQ(plan[0].rule, "");
  EXPECT_EQ(plan[5].rule, find_core("amd64_fam19h_zen4")->rule);
  EXPECT_FALSE(plan[5].hybrid);
}

TEST(RetiredPlan, KnowsNewerCpusThanLibpfm) {
  const auto granite_rapids = plan_events({{"GenuineIntel", 6, 0xAD}, {}, "/none"});
  EXPECT_EQ(granite_rapids.size(), 15);
  EXPECT_EQ(granite_rapids.back().name, "fp_512_f16");
  EXPECT_EQ(granite_rapids.back().encoding.config, 0x10cf);
  const auto sierra_forest = plan_events({{"GenuineIntel", 6, 0xAF}, {}, "/none"});
  EXPECT_THAT(names(sierra_forest),
              ElementsAre("cycles", "instructions", "flops_f64", "flops_f32"));
  const auto zen5 = plan_events({{"AuthenticAMD", 0x1A, 0x44}, {}, "/none"});
  EXPECT_THAT(configs(zen5), ElementsAre(0, 1, 0x103, 0x203, 0x403, 0x803));
}

// The kernel must know which PMU of a hybrid CPU is meant, and a reader which core.
TEST(RetiredPlan, DirectsEventsToTheCoresOfAHybridCpu) {
  const FakeRoot root;
  root.add_device("cpu_core", 4);
  root.add_device("cpu_atom", 10);
  const auto plan = plan_events({{"GenuineIntel", 6, 0xAA}, {}, root.path()});
  ASSERT_EQ(plan.size(), 2 + 6 + 2 + 2);
  EXPECT_EQ(plan[1].name, "cpu_core/instructions");
  EXPECT_EQ(plan[1].encoding.config, 0x4'0000'0001);
  EXPECT_EQ(plan[7].name, "cpu_core/fp_256_f32");
  EXPECT_EQ(plan[7].encoding.type, 4);
  EXPECT_EQ(plan[7].encoding.config, 0x20c7);
  EXPECT_EQ(plan[9].name, "cpu_atom/instructions");
  EXPECT_EQ(plan[9].encoding.type, std::uint32_t{PERF_TYPE_HARDWARE});
  EXPECT_EQ(plan[9].encoding.config, 0xa'0000'0001);
  EXPECT_EQ(plan[11].name, "cpu_atom/flops_f32");
  EXPECT_EQ(plan[11].encoding.type, 10);
  EXPECT_EQ(plan[11].encoding.config, 0x02c8);
  EXPECT_TRUE(plan[11].hybrid);
}

TEST(RetiredPlan, SaysSoWhereNoEventCountsFlops) {
  const auto haswell = plan_events({{"GenuineIntel", 6, 60}, {"hsw"}, "/none"});
  EXPECT_THAT(names(haswell), ElementsAre("cycles", "instructions", "flops"));
  EXPECT_EQ(haswell[2].encoding.reason,
            "no event of GenuineIntel family 6 model 60 is known to count retired FLOPs (cpu)");
  const FakeRoot root;
  root.add_device("cpu_core", 4);
  root.add_device("cpu_atom", 10);
  const auto alder_lake = plan_events({{"GenuineIntel", 6, 0x97}, {}, root.path()});
  EXPECT_EQ(alder_lake.back().name, "cpu_atom/flops");
  EXPECT_EQ(alder_lake.back().encoding.reason,
            "no event of GenuineIntel family 6 model 151 is known to count retired FLOPs "
            "(cpu_atom)");
}

}  // namespace
}  // namespace flopmeter::retired
