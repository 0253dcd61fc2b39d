#include "counters/retired/event.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace flopmeter::retired {
namespace {

// Prevents a weight that is not the number of lanes: "fp_256_f32" has 256 / 32.
TEST(RetiredEvent, AVectorEventCountsItsLanes) {
  const std::map<std::string_view, int> bits{{"f16", 16}, {"f32", 32}, {"f64", 64}};
  for (const Event& event : find_core("spr")->events) {
    const std::string_view width = event.name.substr(3, event.name.rfind('_') - 3);
    if (width != "scalar" && width != "complex") {
      EXPECT_EQ(event.operations, std::stoi(std::string(width)) / bits.at(event.type))
          << event.name;
    } else {
      EXPECT_EQ(event.operations, width == "scalar" ? 1 : 2) << event.name;
    }
    EXPECT_TRUE(event.name.ends_with(event.type)) << event.name;
  }
}

TEST(RetiredEvent, EveryCoreNamesItsEventsOnceAndItsRule) {
  for (const Core& core : cores()) {
    std::set<std::string_view> names;
    std::set<std::string_view> encodings;
    for (const Event& event : core.events) {
      EXPECT_TRUE(names.insert(event.name).second) << core.pmu << " " << event.name;
      EXPECT_TRUE(encodings.insert(event.libpfm).second) << core.pmu << " " << event.libpfm;
      EXPECT_GT(event.operations, 0) << core.pmu << " " << event.name;
    }
    EXPECT_FALSE(core.rule.empty()) << core.pmu;
  }
}

TEST(RetiredEvent, EveryNewerCpuCountsLikeAKnownCore) {
  for (const NewerCpu& cpu : newer_cpus()) {
    EXPECT_NE(find_core(cpu.pmu), nullptr) << cpu.pmu;
  }
  EXPECT_EQ(find_core("hsw"), nullptr);  // has no such event
}

}  // namespace
}  // namespace flopmeter::retired
