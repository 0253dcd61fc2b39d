// What the writers print, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/cell.h"
#include "results/csv.h"
#include "results/json.h"
#include "results/markdown.h"
#include "results/table.h"
#include "results/text_width.h"

namespace flopmeter {
namespace {

/// 2 x 512 x 1000 x 32 operations in 250 us are 131.072 GFLOPS.
Record measured() {
  Record row;
  row.name = "linear/forward/onednn/f32/mb32ic512oc1000";
  row.label = "resnet18:fc";
  row.layer = "linear";
  row.pass = "forward";
  row.backend = "onednn";
  row.dtype = "f32";
  row.shape = "mb32ic512oc1000";
  row.threads = 2;
  row.cache = "warm";
  row.layout = "acdb";
  row.status = "ok";
  row.parameters = 513000;
  row.macs_dense = 16384000;
  row.macs_in_bounds = 16384000;
  row.flops = 32768000;
  row.convention = "flop2 in-bounds";
  row.bytes = 2245536;
  row.seconds = 250e-6;
  row.spread = 0.032;
  row.deviation = 0.008;
  row.samples = {250e-6, 248e-6, 256e-6};
  row.calls = 40;
  row.attempts = 2;
  row.gflops = 131.072;
  row.gmacs_per_second = 65.536;
  row.gbytes_per_second = 8.982144;
  row.intensity = 14.5925;
  row.peak_gflops = 163.84;
  row.peak_spread = 0.01;
  row.peak_deviation = 0.007;
  row.peak_samples = {160, 163.84, 165};
  row.memory_level = "L2";
  row.roof_gbytes_per_second = 140;
  row.attainable_gflops = 163.84;
  row.percent_of_attainable = 80;
  row.overhead_seconds = 200e-9;
  row.bound = "compute";
  row.other_cores = 0.03;
  row.peak_instruction = "vfmadd231ps zmm";
  row.percent_of_peak = 80;
  row.max_error = 1e-6;
  row.tolerance = 2e-5;
  row.implementation = "brgemm:avx512_core";
  row.command = "flopmeter bench linear/forward/onednn/f32/mb32ic512oc1000 --threads 2";
  row.executed = "1.0080 = 1.0080 rows, columns";
  row.executed_macs = 16515072;
  row.executed_ratio = 1.008;
  row.fma_share = 100;
  return row;
}

Record refused() {
  Record row;
  row.name = "linear/forward/eigen/bf16/mb32ic512oc1000";
  row.layer = "linear";
  row.pass = "forward";
  row.backend = "eigen";
  row.dtype = "bf16";
  row.shape = "mb32ic512oc1000";
  row.threads = 2;
  row.cache = "warm";
  row.status = "unavailable";
  row.reason = "no bf16, in \"eigen\"";
  return row;
}

/// As it is planned: with the convention that it would have been rated by.
Record rated_refused() {
  Record row = refused();
  row.convention = "flop2 in-bounds";
  return row;
}

// Prevents a key that is missing where nothing was measured, a zero in place of a null, and another
// order of keys.
TEST(JsonWriter, RefusedRow) {
  EXPECT_EQ(
      record_line(refused(), "00ff"),
      R"({"type":"record","environment":"00ff",)"
      R"("name":"linear/forward/eigen/bf16/mb32ic512oc1000","label":"","layer":"linear",)"
      R"("pass":"forward","backend":"eigen","dtype":"bf16","shape":"mb32ic512oc1000",)"
      R"("threads":2,"cache":"warm","layout":"","parameters":null,"macs_dense":null,)"
      R"("macs_in_bounds":null,"flops":null,"convention":"","bytes":null,"seconds":null,)"
      R"("spread":null,"deviation":null,"samples":[],"calls":null,"attempts":null,"gflops":null,"gmacs_per_second":null,)"
      R"("gbytes_per_second":null,"intensity":null,"peak_gflops":null,"peak_spread":null,)"
      R"("peak_deviation":null,)"
      R"("peak_samples":[],"peak_instruction":"","percent_of_peak":null,"memory_level":"",)"
      R"("roof_gbytes_per_second":null,"roof_samples":[],"attainable_gflops":null,)"
      R"("percent_of_attainable":null,"overhead_seconds":null,"bound":"","other_cores":null,)"
      R"("status":"unavailable","reason":"no bf16, in \"eigen\"","max_error":null,"tolerance":null,)"
      R"("implementation":"","command":"","executed":"","executed_macs":null,)"
      R"("executed_macs_full":null,"executed_flops":null,"executed_flops_full":null,)"
      R"("executed_instructions":null,"executed_ratio":null,"executed_unexplained":null,)"
      R"("fma_share":null,"instructions_per_mac":null,"lane_use":null,)"
      R"("retired":"","retired_flops":null,"retired_expected":null})"
      "\n");
}

// Prevents a value that comes back different from a file: rounded, or under another key.
TEST(JsonWriter, RowsComeBackUnchanged) {
  for (const Record& row : {measured(), refused(), Record{}}) {
    const std::string line = record_line(row, "00ff");
    EXPECT_EQ(record_line(record_from_json(Json::parse(line)), "00ff"), line);
  }
}

// Prevents counts rounded to 53 bits on their way through a double: 2^63 - 1 would become 2^63.
TEST(JsonWriter, LargeCountsAreExact) {
  Record row;
  row.flops = std::numeric_limits<std::int64_t>::max();
  const std::string line = record_line(row, "");
  EXPECT_THAT(line, testing::HasSubstr(R"("flops":9223372036854775807,)"));
  EXPECT_EQ(record_from_json(Json::parse(line)).flops, row.flops);
}

// Prevents "nan" and "inf" in a file, which no JSON parser reads.
TEST(JsonWriter, NeitherNanNorInfinity) {
  Record row;
  row.seconds = std::nan("");
  row.gflops = std::numeric_limits<double>::infinity();
  row.samples = {1.5, std::nan("")};
  EXPECT_TRUE(to_json(row)["seconds"].is_null());
  const std::string line = record_line(row, "");
  EXPECT_THAT(line, testing::HasSubstr(R"("spread":null,"deviation":null,"samples":[1.5,null])"));
  EXPECT_THAT(line, testing::HasSubstr(R"("gflops":null)"));
  EXPECT_EQ(record_line(record_from_json(Json::parse(line)), ""), line);
}

// Prevents that a run of hours dies on a label in Latin-1.
TEST(JsonWriter, BytesThatAreNotUtf8AreReplaced) {
  Record row;
  row.label = "caf\xe9";
  EXPECT_THAT(record_line(row, ""), testing::HasSubstr("\"label\":\"caf\xef\xbf\xbd\""));
}

// Prevents that a text, a fraction or a bool is taken for a count.
TEST(JsonReader, RefusesOtherTypesAndNamesTheKey) {
  for (const char* text : {R"({"flops":"7"})", R"({"flops":7.5})", R"({"flops":true})",
                           R"({"flops":9223372036854775808})"}) {
    try {
      record_from_json(Json::parse(text));
      ADD_FAILURE() << text << " was accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("'flops'"));
    }
  }
}

// Prevents that results of a later version, with keys of its own, cannot be read.
TEST(JsonReader, PassesOverUnknownAndAbsentKeys) {
  const Record row = record_from_json(Json::parse(R"({"new_key":[1],"gflops":3})"));
  EXPECT_EQ(row.gflops, 3.0);
  EXPECT_EQ(row.seconds, std::nullopt);
}

// Prevents an environment whose libraries or variables cannot be looked up by name.
TEST(JsonWriter, Environment) {
  Environment environment;
  environment.cpu = "AMD EPYC";
  environment.isa = {"avx2", "fma"};
  environment.libraries = {{"oneDNN", "2.6.3"}};
  environment.online_cores = 2;
  const std::string line = environment_line(environment);
  EXPECT_EQ(line,
            R"({"type":"environment","fingerprint":")" + fingerprint(environment) +
                R"(","schema":1,"version":"","commit":"","compiler":"","flags":"",)"
                R"("build_type":"","libraries":{"oneDNN":"2.6.3"},"cpu":"AMD EPYC","cpu_id":"",)"
                R"("isa":["avx2","fma"],"online_cores":2,"affinity_cores":null,)"
                R"("quota_cores":null,"governor":"","hypervisor":"","kernel":"",)"
                R"("page_bytes":null,"variables":{}})"
                "\n");
  EXPECT_EQ(environment_from_json(Json::parse(line)), environment);
}

// Prevents columns shifted by a quote or comma in a reason, and rounded times.
TEST(CsvWriter, Rows) {
  EXPECT_EQ(csv_header(),
            "name,label,layer,pass,backend,dtype,shape,threads,cache,layout,parameters,"
            "macs_dense,macs_in_bounds,flops,convention,bytes,seconds,spread,deviation,samples,"
            "calls,attempts,gflops,"
            "gmacs_per_second,gbytes_per_second,intensity,peak_gflops,peak_spread,peak_deviation,"
            "peak_samples,peak_instruction,percent_of_peak,memory_level,roof_gbytes_per_second,"
            "roof_samples,attainable_gflops,percent_of_attainable,overhead_seconds,bound,"
            "other_cores,status,reason,max_error,"
            "tolerance,implementation,"
            "command,executed,executed_macs,executed_macs_full,executed_flops,executed_flops_full,"
            "executed_instructions,executed_ratio,executed_unexplained,fma_share,"
            "instructions_per_mac,lane_use,retired,retired_flops,retired_expected\n");
  EXPECT_EQ(
      csv_row(measured()),
      "linear/forward/onednn/f32/mb32ic512oc1000,resnet18:fc,linear,forward,onednn,f32,"
      "mb32ic512oc1000,2,warm,acdb,513000,16384000,16384000,32768000,flop2 in-bounds,2245536,"
      "0.00025,0.032,0.008,0.00025;0.000248;0.000256,40,2,131.072,65.536,8.982144,14.5925,163.84,"
      "0.01,0.007,160;163.84;165,vfmadd231ps "
      "zmm,80,L2,140,,163.84,80,2e-07,compute,0.03,ok,,1e-06,2e-05,"
      "brgemm:avx512_core,"
      "flopmeter bench linear/forward/onednn/f32/mb32ic512oc1000 --threads 2,"
      "\"1.0080 = 1.0080 rows, columns\",16515072,,,,,1.008,,100,,,,,\n");
  EXPECT_EQ(csv_row(refused()),
            "linear/forward/eigen/bf16/mb32ic512oc1000,,linear,forward,eigen,bf16,"
            "mb32ic512oc1000,2,warm,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,unavailable,"
            "\"no bf16, in \"\"eigen\"\"\",,,,,,,,,,,,,,,,,,\n");
}

// Prevents a row that ends early: a newline inside a text must be quoted, not written bare.
TEST(CsvWriter, NewlinesAreQuoted) {
  Record row;
  row.label = "two\nlines";
  EXPECT_THAT(csv_row(row), testing::StartsWith(",\"two\nlines\","));
}

// Prevents a broken table on a web page: unescaped bars, numbers aligned left, zeros not measured.
TEST(MarkdownWriter, Table) {
  Record row = rated_refused();
  row.label = "a|b";
  const std::vector<Record> rows{measured(), row};
  EXPECT_EQ(
      markdown(rows),
      "| label | layer | pass | backend | dtype | shape | threads | cache | layout | convention | "
      "time | "
      "spread |"
      " GFLOPS | GMAC/s | GB/s | FLOP/byte | % of peak | % of roof | bound | status | reason |\n"
      "| --- | --- | --- | --- | --- | --- | ---: | --- | --- | --- | ---: | ---: |"
      " ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |\n"
      "| resnet18:fc | linear | forward | onednn | f32 | mb32ic512oc1000 | 2 | warm | acdb | "
      "flop2 in-bounds | 250.0 us | 3.2% |"
      " 131.1 | 65.54 | 8.982 | 14.59 | 80.0 | 80.0 | compute | ok |  |\n"
      "| a\\|b | linear | forward | eigen | bf16 | mb32ic512oc1000 | 2 | warm |  | flop2 in-bounds "
      "|"
      " - | - |"
      " - | - | - | - | - | - |  | unavailable | no bf16, in \"eigen\" |\n");
}

// Prevents columns that do not line up, and trailing spaces.
TEST(TableWriter, AlignedTable) {
  const std::vector<Record> rows{measured(), rated_refused()};
  // clang-format off
  EXPECT_EQ("\n" + table(rows), R"(
                                                                                                                                                               % of    % of
label        layer   pass     backend  dtype  shape            threads  cache  layout  convention           time  spread  GFLOPS  GMAC/s    GB/s  FLOP/byte    peak    roof  bound        status       reason
resnet18:fc  linear  forward  onednn   f32    mb32ic512oc1000        2  warm   acdb    flop2 in-bounds  250.0 us    3.2%   131.1   65.54   8.982      14.59    80.0    80.0  compute      ok
             linear  forward  eigen    bf16   mb32ic512oc1000        2  warm           flop2 in-bounds         -       -       -       -       -          -       -       -               unavailable  no bf16, in "eigen"
)");
  // clang-format on
}

// Prevents that rows printed as they finish do not fit below the header printed before them: what
// is planned must fix the same columns as what was measured.
TEST(TableWriter, StreamedRowsLineUp) {
  Record plan = measured();
  plan.seconds = plan.spread = plan.gflops = plan.gmacs_per_second = plan.gbytes_per_second =
      plan.intensity = plan.percent_of_peak = std::nullopt;
  plan.status = "";
  const std::vector<Record> plans{plan, refused()};
  const std::vector<Record> rows{measured(), refused()};
  const Table streamed(plans);
  EXPECT_EQ(streamed.header() + streamed.row(rows[0]) + streamed.row(rows[1]), table(rows));
}

// Prevents a column of blanks where no shape has a label.
TEST(TableWriter, ColumnsThatNoCaseFillsAreLeftOut) {
  const std::vector<Record> rows{refused()};
  EXPECT_THAT(table(rows), testing::Not(testing::HasSubstr("label")));
}

// Prevents lines that wrap on a terminal, numbers that lose digits to fit, and columns that vanish
// without a word. The dtypes differ here, so their column stays.
TEST(TableWriter, NarrowTerminal) {
  std::vector<Record> rows{measured(), rated_refused()};
  rows[0].layout = "";
  EXPECT_EQ("\n" + table(rows, 82), R"(
all rows: convention flop2 in-bounds, pass forward, cache warm, layer linear, threads 2
left out for want of width: FLOP/byte, GMAC/s, label, GB/s, spread
                                                  % of    % of
backend  dtype  shape             time  GFLOPS    peak    roof  bound        status       reason
onednn   f32    mb32ic512oc…  250.0 us   131.1    80.0    80.0  compute      ok
eigen    bf16   mb32ic512oc…         -       -       -       -               unavailable  no bf16, in "eigen"
)");
}

// Prevents a shape that pushes the numbers off a terminal for which leaving out is not enough, and
// a number that is cut: 9 digits stay 9 digits.
TEST(TableWriter, VeryNarrowTerminal) {
  Record row = measured();
  row.layout = "";
  row.gflops = 123456789;
  const std::string text = table({&row, 1}, 60);
  EXPECT_THAT(text,
              testing::HasSubstr("onednn   mb32ic512oc…  250.0 us  123456789    80.0    80.0  "
                                 "compute      ok\n"));
}

// Prevents columns that shift behind a name that is not ASCII, and text cut inside of a character.
TEST(TableWriter, Utf8) {
  EXPECT_EQ(display_width("caf\u00e9"), 4U);
  EXPECT_EQ(display_width("cafe\u0301"), 4U);
  EXPECT_EQ(display_width("\u6f22\u5b57"), 4U);
  EXPECT_EQ(display_width("\U0001f600!"), 3U);
  EXPECT_EQ(display_width("a\xe9z"), 2U + 1U);
  EXPECT_EQ(pad_right("\u6f22", 4), "\u6f22  ");
  EXPECT_EQ(shorten("\u6f22\u5b57\u6f22", 4), "\u6f22\u2026");
  EXPECT_EQ(shorten("short", 5), "short");
}

// Prevents that a label moves the cursor or starts a line of its own.
TEST(TableWriter, ControlCharactersBecomeSpaces) {
  Record row = refused();
  row.label = "a\n\x1b[2Jb";
  EXPECT_THAT(Table({&row, 1}).row(row), testing::StartsWith("a  [2Jb  linear"));
}

// Prevents "1000 us" beside "1.000 ms": the unit is chosen after rounding.
TEST(Cells, Times) {
  EXPECT_EQ(scaled_time(0), "0 ns");
  EXPECT_EQ(scaled_time(4e-10), "0.4000 ns");
  EXPECT_EQ(scaled_time(123.44e-9), "123.4 ns");
  EXPECT_EQ(scaled_time(999.94e-9), "999.9 ns");
  EXPECT_EQ(scaled_time(999.96e-9), "1.000 us");
  EXPECT_EQ(scaled_time(0.0123456), "12.35 ms");
  EXPECT_EQ(scaled_time(1), "1.000 s");
  EXPECT_EQ(scaled_time(12345), "12345 s");
  EXPECT_EQ(scaled_time(1e308), "1.000e+308 s");
  EXPECT_EQ(scaled_time(-1e308), "-1.000e+308 s");
}

// Prevents digits that were not measured, and small values that vanish into 0.00.
TEST(Cells, SignificantDigits) {
  EXPECT_EQ(significant(1234.5678, 4), "1235");
  EXPECT_EQ(significant(131.072, 4), "131.1");
  EXPECT_EQ(significant(9.99961, 4), "10.00");
  EXPECT_EQ(significant(0.0421, 3), "0.0421");
  EXPECT_EQ(significant(-0.5, 2), "-0.50");
  EXPECT_EQ(significant(1.5e-6, 2), "1.5e-06");
  EXPECT_EQ(significant(2.5e12, 2), "2.5e+12");
}

}  // namespace
}  // namespace flopmeter
