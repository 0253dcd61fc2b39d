#include "results/machine.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "results/json.h"
#include "results/read_results.h"

namespace flopmeter {
namespace {

Machine measured_machine() {
  return {.cores = 2,
          .physical_cores = 1,
          .steal_percent = 0.5,
          .caches = {{.level = 1, .bytes = 49152, .line_bytes = 64, .shared_by = 2}},
          .clock = {{.load = "FMA 512", .when = "between", .cores = 1, .ghz = 2.72}},
          .throughput = {{.operation = "FMA",
                          .bits = 512,
                          .dtype = "f32",
                          .isa = "avx512f",
                          .cores = 1,
                          .burst = 178e9,
                          .sustained = 175e9,
                          .status = "ok"},
                         {.operation = "FMA",
                          .dtype = "f16",
                          .status = "unavailable",
                          .reason = "this CPU has no avx512_fp16"}},
          .bandwidth = {{.operation = "load", .level = "L1", .bytes = 24576, .burst = 338e9}},
          .latency = {{.level = "L1", .seconds = 1.7e-9, .cycles = 5}},
          .ridges = {{.dtype = "f32", .level = "L1", .cores = 1, .intensity = 0.53}}};
}

// Prevents a list or a key that one direction has and the other has not.
TEST(MachineJson, ComesBackUnchanged) {
  const Json json = to_json(measured_machine());
  EXPECT_EQ(to_json(machine_from_json(json)), json);
  EXPECT_EQ(json.at("throughput").at(0).at("burst"), 178e9);
  EXPECT_TRUE(json.at("throughput").at(1).at("burst").is_null());
  EXPECT_EQ(json.at("ridges").at(0).at("intensity"), 0.53);
}

TEST(MachineJson, RefusesOtherTypesAndNamesTheKey) {
  const auto read = [](const char* text) { machine_from_json(Json::parse(text)); };
  EXPECT_THROW(read(R"({"clock":{}})"), std::invalid_argument);
  EXPECT_THROW(read(R"({"clock":[{"ghz":"fast"}]})"), std::invalid_argument);
}

TEST(MachineJson, IsALineOfAResultsFile) {
  const Environment environment;
  const StoredResults stored = parse_results(
      environment_line(environment) + machine_line(measured_machine(), fingerprint(environment)),
      "test");
  ASSERT_EQ(stored.machines.size(), 1U);
  EXPECT_EQ(stored.machines[0].environment, fingerprint(environment));
  EXPECT_EQ(to_json(stored.machines[0].row), to_json(measured_machine()));
}

}  // namespace
}  // namespace flopmeter
