#include "counters/retired/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>

#include <cstdio>
#include <cstdlib>
#include <ostream>

#include "counters/retired/event.h"
#include "counters/retired/plan.h"

namespace flopmeter::retired {
namespace {

using testing::ElementsAreArray;

/// What a core's events are in the vendors' manuals: unit mask << 8 | event select.
struct Expected {
  const char* pmu;
  std::vector<std::uint64_t> configs;
};

// Names the test in ctest, where a dump of its bytes would differ every time.
std::ostream& operator<<(std::ostream& out, const Expected& core) { return out << core.pmu; }

const std::vector<std::uint64_t> fp_arith{0x01c7, 0x02c7, 0x04c7, 0x08c7, 0x10c7, 0x20c7, 0x40c7,
                                          0x80c7, 0x01cf, 0x02cf, 0x04cf, 0x08cf, 0x10cf};
const std::vector<std::uint64_t> fp_arith_512(fp_arith.begin(), fp_arith.begin() + 8);
const std::vector<std::uint64_t> fp_arith_256(fp_arith.begin(), fp_arith.begin() + 6);
const std::vector<std::uint64_t> zen1{0x0103, 0x0203, 0x0403, 0x0803,
                                      0x1003, 0x2003, 0x4003, 0x8003};
const std::vector<std::uint64_t> zen{0x0103, 0x0203, 0x0403, 0x0803};
const std::vector<std::uint64_t> zen4{0x0103, 0x0203, 0x0403, 0x0803, 0x1003};

const std::vector<Expected> every_core{
    {"bdw", fp_arith_256},       {"bdw_ep", fp_arith_256},   {"skl", fp_arith_256},
    {"skx", fp_arith_512},       {"clx", fp_arith_512},      {"icl", fp_arith_512},
    {"icx", fp_arith_512},       {"spr", fp_arith},          {"perf_raw", {0x01c8, 0x02c8}},
    {"amd64_fam17h_zen1", zen1}, {"amd64_fam17h_zen2", zen}, {"amd64_fam19h_zen3", zen},
    {"amd64_fam19h_zen4", zen4},
};

TEST(RetiredEncoding, EveryEventOfEveryCoreIsThatOfTheManual) {
  ASSERT_EQ(every_core.size(), cores().size());
  for (const Expected& expected : every_core) {
    const Core* core = find_core(expected.pmu);
    ASSERT_NE(core, nullptr) << expected.pmu;
    std::vector<std::uint64_t> configs;
    for (const Event& event : core->events) {
      const Encoding encoding = encode(core->pmu, event.libpfm);
      EXPECT_EQ(encoding.reason, "") << event.name;
      EXPECT_EQ(encoding.type, std::uint32_t{PERF_TYPE_RAW}) << event.name;
      configs.push_back(encoding.config);
    }
    EXPECT_THAT(configs, ElementsAreArray(expected.configs)) << expected.pmu;
  }
}

TEST(RetiredEncoding, GenericEventsAreThoseOfTheKernel) {
  const Encoding cycles = encode("perf", "CYCLES");
  EXPECT_EQ(cycles.type, std::uint32_t{PERF_TYPE_HARDWARE});
  EXPECT_EQ(cycles.config, std::uint64_t{PERF_COUNT_HW_CPU_CYCLES});
  const Encoding instructions = encode("perf", "INSTRUCTIONS");
  EXPECT_EQ(instructions.type, std::uint32_t{PERF_TYPE_HARDWARE});
  EXPECT_EQ(instructions.config, std::uint64_t{PERF_COUNT_HW_INSTRUCTIONS});
}

TEST(RetiredEncoding, AnUnknownEventHasAReason) {
  EXPECT_EQ(encode("skx", "FLUX_CAPACITOR").reason,
            "libpfm4 does not encode skx::FLUX_CAPACITOR: event not found");
  EXPECT_EQ(encode("hsw", "FP_ARITH_INST_RETIRED:SCALAR_DOUBLE").reason,
            "libpfm4 does not encode hsw::FP_ARITH_INST_RETIRED:SCALAR_DOUBLE: event not found");
}

/// Prints which core libpfm4 finds and the encodings planned on it.
void print_plan() {
  const Machine machine{.cpu = {}, .pmus = present_pmus(), .root = "/nonexistent"};
  for (const std::string& pmu : machine.pmus) {
    std::fprintf(stderr, "%s:", pmu.c_str());
  }
  for (const PlannedEvent& event : plan_events(machine)) {
    std::fprintf(stderr, " %x/%llx%s", event.encoding.type,
                 static_cast<unsigned long long>(event.encoding.config),
                 event.encoding.reason.c_str());
  }
  std::exit(0);
}

std::string printed(const Expected& expected) {
  std::string text = std::string(expected.pmu) + ": 0/0 0/1";
  for (const std::uint64_t config : expected.configs) {
    std::array<char, 32> word{};
    std::snprintf(word.data(), word.size(), " 4/%llx", static_cast<unsigned long long>(config));
    text += word.data();
  }
  return text + "$";
}

class RetiredForcedPmu : public testing::TestWithParam<Expected> {};

// libpfm4 looks once a process for the CPU, so each model takes a process of its own.
TEST_P(RetiredForcedPmu, PlansTheEventsOfThatCpu) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("LIBPFM_FORCE_PMU", GetParam().pmu, 1);
  EXPECT_EXIT(print_plan(), testing::ExitedWithCode(0), printed(GetParam()));
  unsetenv("LIBPFM_FORCE_PMU");
}

std::vector<Expected> cores_of_cpus() {
  std::vector<Expected> found = every_core;
  std::erase_if(found, [](const Expected& core) { return std::string(core.pmu) == "perf_raw"; });
  return found;
}

INSTANTIATE_TEST_SUITE_P(EveryCore, RetiredForcedPmu, testing::ValuesIn(cores_of_cpus()),
                         [](const auto& test) { return std::string(test.param.pmu); });

}  // namespace
}  // namespace flopmeter::retired
