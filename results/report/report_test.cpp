// The pure parts of the report, with hand-made rows.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "results/report/chart_data.h"
#include "results/report/count_against_time.h"
#include "results/report/escape.h"
#include "results/report/html_report.h"
#include "results/report/layer_rate.h"
#include "results/report/markdown_report.h"
#include "results/report/page.h"
#include "results/report/report_data.h"
#include "results/report/row_table.h"
#include "results/report/scaling.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A steady row: so many operations in so many seconds, samples 10 % around the median.
Record timed_row(const std::string& layer, const std::string& backend, std::int64_t operations,
                 double seconds, std::int64_t threads = 1) {
  Record row;
  row.name = layer + "/forward/" + backend + "/f32/" + std::to_string(operations);
  row.layer = layer;
  row.pass = "forward";
  row.backend = backend;
  row.dtype = "f32";
  row.threads = threads;
  row.cache = "warm";
  row.status = "ok";
  row.flops = operations;
  row.convention = "flop2 in-bounds";
  row.seconds = seconds;
  row.samples = {seconds, 1.1 * seconds, 0.9 * seconds};
  row.gflops = static_cast<double>(operations) / seconds / 1e9;
  row.intensity = 2;
  return row;
}

ReportData data_of(const std::vector<Record>& records) {
  StoredResults results;
  results.environments.push_back({"aa", {}});
  for (const Record& record : records) {
    results.records.push_back({"aa", record});
  }
  const std::vector<SourceFile> files{{"test.jsonl", results}};
  return merge(files);
}

// Prevents that an earlier, noisy measurement stays beside the one that replaced it, and that rows
// of another environment, number of threads or state of the caches are taken for the same case.
TEST(Merge, TheLastRowOfACaseCounts) {
  Record old = timed_row("linear", "onednn", 1000, 9);
  old.status = "noisy";
  const Record again = timed_row("linear", "onednn", 1000, 3);
  Record cold = again;
  cold.cache = "cold";
  StoredResults first;
  first.environments.push_back({"aa", {}});
  first.records = {{"aa", old}, {"aa", timed_row("linear", "onednn", 1000, 2, 2)}, {"aa", cold}};
  StoredResults second;
  second.environments = {{"bb", {}}, {"aa", {}}};
  second.records = {{"bb", old}, {"aa", again}};
  const std::vector<SourceFile> files{{"one", first}, {"two", second}};
  const ReportData data = merge(files);
  ASSERT_EQ(data.rows.size(), 4U);
  EXPECT_EQ(data.rows[0].record.seconds, 3.0);
  EXPECT_EQ(data.rows[0].record.status, "ok");
  EXPECT_EQ(data.rows[1].record.threads, 2);
  EXPECT_EQ(data.rows[2].record.cache, "cold");
  EXPECT_EQ(data.rows[3].record.seconds, 9.0);
  EXPECT_EQ(data.environments[data.rows[3].environment].fingerprint, "bb");
  EXPECT_THAT(data.environments[0].files, ElementsAre("one", "two"));
}

// Prevents two verdicts on one claim, when two runs are merged.
TEST(Merge, TheLastVerdictCounts) {
  StoredResults results;
  results.claims = {{"aa", {.id = "S0", .verdict = "exact"}},
                    {"bb", {.id = "S0", .verdict = "refuted"}}};
  results.formulas = {{"aa", {.layer = "lstm", .pass = "forward", .agree = 1}},
                      {"aa", {.layer = "lstm", .pass = "backward_data", .agree = 2}},
                      {"aa", {.layer = "lstm", .pass = "forward", .agree = 3}}};
  const std::vector<SourceFile> files{{"one", results}};
  const ReportData data = merge(files);
  ASSERT_EQ(data.claims.size(), 1U);
  EXPECT_EQ(data.claims[0].verdict, "refuted");
  ASSERT_EQ(data.formulas.size(), 2U);
  EXPECT_EQ(data.formulas[0].agree, 3);
}

TEST(Merge, LettersOfEnvironments) {
  EXPECT_EQ(letter(0), "A");
  EXPECT_EQ(letter(25), "Z");
  EXPECT_EQ(letter(26), "AA");
}

// Of 100, 200, 300 and 300 operations the first is slower than two others, of which one is in the
// range of its samples; pairs with equal counts say nothing.
TEST(CountAgainstTime, PairsAndInversions) {
  const ReportData data =
      data_of({timed_row("a", "eigen", 100, 10), timed_row("b", "eigen", 200, 9),
               timed_row("c", "eigen", 300, 1), timed_row("d", "eigen", 300, 20)});
  const std::vector<CountAgainstTime> groups = counts_against_times(data);
  ASSERT_EQ(groups.size(), 1U);
  const Order& order = groups[0].all;
  EXPECT_EQ(order.cases, 4U);
  EXPECT_EQ(order.pairs, 5);
  EXPECT_EQ(order.inverted, 3);
  EXPECT_EQ(order.clearly, 2);
  ASSERT_EQ(order.worst.size(), 3U);
  EXPECT_EQ(data.rows[order.worst[0].fewer].record.layer, "a");
  EXPECT_EQ(data.rows[order.worst[0].more].record.layer, "c");
  EXPECT_DOUBLE_EQ(order.worst[0].count_ratio, 3);
  EXPECT_DOUBLE_EQ(order.worst[0].time_ratio, 10);
}

// Prevents that one thread is compared with two, a backend with another, and that a case without
// operations, which every other one exceeds, is a pair.
TEST(CountAgainstTime, ComparesOnlyWhatIsComparable) {
  Record none = timed_row("max_pool", "eigen", 0, 1);
  Record noisy = timed_row("b", "eigen", 200, 1);
  noisy.status = "noisy";
  const ReportData data =
      data_of({timed_row("a", "eigen", 100, 1), noisy, timed_row("a", "eigen", 100, 1, 2),
               timed_row("a", "onednn", 100, 1), none});
  const std::vector<CountAgainstTime> groups = counts_against_times(data);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].all.cases, 2U);
  EXPECT_EQ(groups[0].steady.cases, 1U);
  EXPECT_EQ(groups[0].all.rho, std::nullopt);
  EXPECT_EQ(groups[1].setting, "2 threads, warm");
  EXPECT_EQ(groups[2].backend, "onednn");
}

// 3e9 operations in 1 s and 1e9 in 3 s are 4e9 in 4 s: 1 GFLOPS, not the mean 1.67 of both rates.
TEST(LayerRate, SumsOperationsAndTimes) {
  const std::vector<LayerRate> rates = layer_rates(data_of(
      {timed_row("linear", "eigen", 3000000000, 1), timed_row("linear", "eigen", 1000000000, 3)}));
  ASSERT_EQ(rates.size(), 1U);
  EXPECT_DOUBLE_EQ(rates[0].gflops, 1);
  EXPECT_DOUBLE_EQ(rates[0].slowest, 4 / 4.4);
  EXPECT_DOUBLE_EQ(rates[0].fastest, 4 / 3.6);
  EXPECT_EQ(rates[0].cases, 2U);
  EXPECT_EQ(rates[0].peak, std::nullopt);
}

// Prevents one large case on all cores from standing beside the mean of many on one, as if the
// layer scaled so well.
TEST(LayerRate, OfTheThreadsWithTheMostCases) {
  const std::vector<LayerRate> rates = layer_rates(
      data_of({timed_row("linear", "eigen", 1, 1, 1), timed_row("linear", "eigen", 2, 1, 1),
               timed_row("linear", "eigen", 9, 1, 2)}));
  ASSERT_EQ(rates.size(), 1U);
  EXPECT_EQ(rates[0].threads, 1);
}

// The order of the bars: layers by their best backend, and a layer's backends together.
TEST(LayerRate, SortsLayersByTheirBestRate) {
  std::vector<std::string> order;
  for (const LayerRate& rate : layer_rates(
           data_of({timed_row("slow", "onednn", 1, 1), timed_row("fast", "eigen", 2, 1),
                    timed_row("fast", "onednn", 9, 1), timed_row("middle", "eigen", 5, 1)}))) {
    order.push_back(rate.layer + " " + rate.backend);
  }
  EXPECT_THAT(order, ElementsAre("fast onednn", "fast eigen", "middle eigen", "slow onednn"));
}

TEST(Scaling, SpeedupAndEfficiency) {
  const ReportData data =
      data_of({timed_row("linear", "eigen", 7, 2, 4), timed_row("linear", "eigen", 7, 6, 1),
               timed_row("linear", "eigen", 9, 6, 1)});
  const std::vector<ScalingStep> steps = scaling_steps(data);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].row, 0U);
  EXPECT_EQ(steps[0].base, 1U);
  EXPECT_DOUBLE_EQ(steps[0].speedup, 3);
  EXPECT_DOUBLE_EQ(steps[0].efficiency, 0.75);
}

TEST(RowTable, Bytes) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1000), "1,000 B");
  EXPECT_EQ(bytes_text(49152), "48 KiB");
  EXPECT_EQ(bytes_text(std::int64_t{256} << 20), "256 MiB");
}

TEST(Escape, Texts) {
  EXPECT_EQ(escape_html("<a href=\"x\">'&'\n"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39; ");
  EXPECT_EQ(escape_markdown("a|b <i>"), "a\\|b &lt;i&gt;");
  EXPECT_EQ(escape_markdown("max_pool _i_ *b* `c` [d](e)\n@f \\"),
            "max_pool \\_i\\_ \\*b\\* \\`c\\` \\[d\\](e) &#64;f \\\\");
  const Json json{{"label", "</script><!--"}};
  EXPECT_EQ(script_json(json), R"({"label":"\u003c/script>\u003c!--"})");
  EXPECT_EQ(Json::parse(script_json(json)), json);
}

// Prevents that a value which itself holds {{name}} is filled in once more.
TEST(Page, FillsInOnce) {
  const auto value_of = [](std::string_view name) { return name == "a" ? "{{b}}" : "B"; };
  EXPECT_EQ(filled_in("x{{a}}y{{b}}z", value_of), "x{{b}}yBz");
  EXPECT_EQ(filled_in("no names", value_of), "no names");
}

// Prevents a page that a label from a file can write scripts into, in any of its parts, and one
// that asks the network for anything.
TEST(Page, TextOfFilesIsHarmless) {
  const std::string hostile = "</script><script>alert(\"1\")</script>";
  Record row = timed_row("linear", "eigen", 7, 1);
  row.label = row.reason = row.layer = row.backend = row.name = hostile;
  ReportData data = data_of({row, timed_row(hostile, hostile, 7, 1, 2)});
  data.environments[0].environment.cpu = hostile;
  data.claims.push_back({.id = hostile, .evidence = hostile});
  const std::string page = html_report(data);
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)"));
  EXPECT_THAT(page, HasSubstr(R"(\u003c/script>\u003cscript>alert(\"1\"))"));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(markdown_report(data), Not(HasSubstr("<script>")));
}

// Prevents a licence that is lost on the way into the page, and a template with an unfilled name.
TEST(Page, HoldsTheLibraryAndItsLicence) {
  const std::string page = html_report(data_of({timed_row("linear", "eigen", 7, 1)}));
  EXPECT_TRUE(page.find("Redistribution and use in source and binary forms") != page.npos);
  EXPECT_TRUE(page.find("d3.svg.axis") != page.npos);
  for (const char* name : {"title", "skip", "style", "subtitle", "contents", "sections", "data",
                           "tables", "d3", "charts", "script"}) {
    EXPECT_TRUE(page.find("{{" + std::string(name) + "}}") == page.npos) << name;
  }
}

// Prevents a page that is empty without a word.
TEST(Report, SaysWhatIsMissing) {
  const ReportData nothing = data_of({});
  const std::string page = html_report(nothing);
  EXPECT_THAT(page, HasSubstr("The files hold no record"));
  EXPECT_THAT(page, HasSubstr("The files hold no verdicts"));
  EXPECT_THAT(page, HasSubstr("no machine line for environment A"));
  EXPECT_THAT(markdown_report(nothing), HasSubstr("nothing was timed"));
}

// Prevents rows with fewer or more cells than columns, which shift all that follows.
TEST(Report, TablesAreRectangular) {
  const std::filesystem::path fixture = "results/report/fixture.jsonl";
  const std::vector<SourceFile> files{{"fixture", read_results(fixture)}};
  std::set<std::string> ids;
  for (const Section& section : sections(merge(files))) {
    EXPECT_FALSE(section.tables.empty()) << section.id;
    for (const TextTable& table : section.tables) {
      for (const std::vector<Cell>& row : table.rows) {
        EXPECT_EQ(row.size(), table.columns.size()) << table.caption;
      }
      EXPECT_TRUE(table.id.empty() || ids.insert(table.id).second) << table.id;
    }
  }
}

// Prevents a residue that no factor explains from being shown like any other number.
TEST(Report, UnexplainedResidueIsMarked) {
  Record row = timed_row("linear", "eigen", 14, 1);
  row.macs_dense = row.macs_in_bounds = 7;
  row.executed = "1.1 = ..., unexplained: +3 MACs";
  row.executed_macs = 10;
  row.executed_unexplained = 3;
  const Section section = counts_section(data_of({row}));
  EXPECT_EQ(section.tables.at(0).rows.at(0).at(9).text, "! 3 MAC");
  EXPECT_THAT(section.paragraphs.at(0), HasSubstr("1 of 1 case have one"));
}

// Prevents a chart with a mark for a row that has no time.
TEST(ChartData, HoldsTimedRows) {
  Record refused = timed_row("linear", "eigen", 7, 1);
  refused.name = "refused";
  refused.seconds = std::nullopt;
  const Json json = chart_data(data_of({refused, timed_row("linear", "eigen", 7, 1)}));
  ASSERT_EQ(json["points"].size(), 1U);
  EXPECT_EQ(json["points"][0]["row"], 1);
  EXPECT_EQ(json["points"][0]["lines"][2], "7.000e-09 GFLOPS (flop2 in-bounds)");
  EXPECT_EQ(json["marks"].size(), json["backends"].size());
}

}  // namespace
}  // namespace flopmeter::report
