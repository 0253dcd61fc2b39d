#include "app/machine_output.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "app/machine_throughput.h"

namespace flopmeter {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

ThroughputRow measured_row(std::string operation, std::int64_t bits, std::int64_t cores,
                           double burst) {
  return {.operation = std::move(operation),
          .bits = bits,
          .dtype = "f32",
          .isa = "fma",
          .instruction = "x",
          .cores = cores,
          .burst = burst,
          .sustained = burst / 2,
          .ghz = 3,
          .instructions_per_cycle = 2,
          .latency_cycles = 4,
          .status = "ok"};
}

// Prevents a factor between the wrong rows. Hand arithmetic: 96 over 70.
TEST(ThroughputText, SaysWhatAnFmaIsWorthAtEachWidth) {
  const std::vector<ThroughputRow> rows{
      measured_row("multiply + add", 256, 1, 70e9), measured_row("FMA", 256, 1, 96e9),
      measured_row("FMA", 512, 1, 180e9), measured_row("multiply + add", 256, 2, 1e9)};
  EXPECT_THAT(throughput_text(rows), HasSubstr("multiplies and adds: f32 256 1.37\n"));
}

// Prevents the numbers of cores from being shown as other mixes.
TEST(ThroughputText, HasOneLineAMixWithAllCores) {
  const std::vector<ThroughputRow> rows{measured_row("FMA", 32, 1, 15e9),
                                        measured_row("FMA", 32, 2, 31e9)};
  const std::string text = throughput_text(rows);
  EXPECT_THAT(text, HasSubstr("f32, GFLOPS"));
  EXPECT_THAT(text, ContainsRegex("FMA +scalar +15.00"));
  EXPECT_THAT(text, HasSubstr("31.00"));
  EXPECT_EQ(text.find("FMA  "), text.rfind("FMA  "));
}

TEST(ThroughputText, WhatTheCpuLacksIsALineWithTheReason) {
  const std::vector<ThroughputRow> rows{{.operation = "FMA",
                                         .bits = 512,
                                         .dtype = "f16",
                                         .instruction = "vfmadd231ph zmm",
                                         .cores = 1,
                                         .status = "unavailable",
                                         .reason = "this CPU has no avx512_fp16"}};
  EXPECT_THAT(throughput_text(rows),
              HasSubstr("unavailable: this CPU has no avx512_fp16 (vfmadd231ph zmm)"));
  EXPECT_EQ(throughput_text({}), "");
}

// Prevents lists that are measured but not shown, and headings of lists that are not.
TEST(MachineText, ShowsEveryListThatHasRows) {
  Machine machine{.cores = 2, .seconds = 1.5};
  EXPECT_THAT(machine_text(machine, {}), Not(HasSubstr("Bandwidth")));
  machine.caches = {{.level = 1, .bytes = 49152, .line_bytes = 64, .shared_by = 2}};
  machine.bandwidth = {{.operation = "load", .level = "L1", .bytes = 24576, .burst = 338e9}};
  machine.latency = {{.level = "L1", .seconds = 1.7e-9, .cycles = 5}};
  machine.ridges = {{.dtype = "f32", .level = "L1", .cores = 1, .intensity = 0.53}};
  const std::string text = machine_text(machine, {});
  for (const char* words : {"Caches", "48 KiB", "Bandwidth", "338.0", "1.700 ns", "Ridge", "0.5300",
                            "measured in 1.500 s"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
}

TEST(MachineJson, IsOneDocumentWithItsEnvironment) {
  Environment environment;
  environment.cpu = "a CPU";
  const Json json = machine_json({.cores = 2}, environment);
  EXPECT_EQ(json.at("schema"), schema_version);
  EXPECT_EQ(json.at("environment").at("cpu"), "a CPU");
  EXPECT_EQ(json.at("cores"), 2);
  EXPECT_TRUE(json.at("ridges").empty());
  EXPECT_TRUE(json.at("steal_percent").is_null());
}

}  // namespace
}  // namespace flopmeter
