// What the first screen says, with hand-made rows.
#include "results/report/findings.h"

#include <gmock/gmock.h>

#include "results/report/first_screen.h"
#include "results/report/pivot.h"
#include "results/report/text_table.h"

namespace flopmeter::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Record share_row(const std::string& layer, const std::string& shape, double seconds, double share,
                 const std::string& backend = "onednn") {
  Record row;
  row.layer = layer;
  row.shape = shape;
  row.name = layer + '/' + backend + '/' + shape;
  row.backend = backend;
  row.dtype = "f32";
  row.pass = "forward";
  row.cache = "warm";
  row.threads = 1;
  row.status = "ok";
  row.bound = share > 50 ? "compute" : "code";
  row.seconds = seconds;
  row.gflops = share;
  row.spread = 0.02;
  row.percent_of_attainable = share;
  return row;
}

ReportData data_with(const std::vector<std::vector<Record>>& machines) {
  StoredResults results;
  for (std::size_t i = 0; i < machines.size(); ++i) {
    results.environments.push_back({letter(i), {}});
    for (const Record& record : machines[i]) {
      results.records.push_back({letter(i), record});
    }
  }
  const std::vector<SourceFile> files{{"test.jsonl", results}};
  return merge(files);
}

std::vector<std::string> headlines(const ReportData& data) {
  std::vector<std::string> all;
  for (const Finding& finding : findings(data, 0)) {
    all.push_back(finding.headline);
  }
  return all;
}

// conv2d: 3 s at 80 % and 1 s at 40 % are 2.8 s of 4 s under the roof, 70 %, not their mean 60 %;
// eigen's 9 s of a case that oneDNN does in 1 s count nowhere. Bound: 3 of 14 s are compute.
TEST(Findings, WeighTime) {
  ReportData data =
      data_with({{share_row("conv2d", "a", 3, 80), share_row("conv2d", "b", 1, 40),
                  share_row("conv2d", "b", 9, 99, "eigen"), share_row("relu", "c", 10, 10)}});
  data.formulas = {{.layer = "relu", .verdict = "exact"}, {.layer = "lstm", .verdict = "refuted"}};
  EXPECT_THAT(headlines(data),
              ElementsAre("conv2d 70.0 % of its roof", "relu 10.0 % of its roof",
                          "code 78.6 % of the time", "1 of 2 formulas", "0 of 4 rows not steady"));
}

// Prevents that the claims of a file from before `formula` and `numbers` count as true.
TEST(Findings, CountOlderVerdicts) {
  ReportData data = data_with({{share_row("relu", "a", 1, 10)}});
  data.claims = {{.id = "a", .formula = "refuted"},
                 {.id = "b", .formula = "exact", .numbers = "misprinted"},
                 {.id = "c", .verdict = "refuted"},
                 {.id = "d", .verdict = "exact when g = 1; misprinted (1 is 2)"}};
  EXPECT_EQ(findings(data, 0)[3].detail, "of 4 claims of guides 2 refuted, 2 misprinted");
}

// Prevents a noisy row from being the headline, and another setting from being mixed in.
TEST(Findings, AreOfSteadyRowsOfOneSetting) {
  Record noisy = share_row("noisy", "a", 1, 99);
  noisy.status = "noisy";
  Record two = share_row("two", "a", 1, 98);
  two.threads = 2;
  const ReportData data = data_with({{noisy, two, share_row("relu", "a", 1, 10)}});
  EXPECT_EQ(finding_rows(data, 0).setting, "f32 forward, 1 thread, warm");
  EXPECT_THAT(headlines(data)[0], HasSubstr("relu"));
  EXPECT_EQ(headlines(data)[4], "1 of 3 rows not steady");
}

// Prevents an empty first screen: each of the five lines says what would fill it.
TEST(Findings, SayWhatIsMissing) {
  for (const Finding& finding : findings(data_with({{}}), 0)) {
    EXPECT_EQ(finding.headline, "not known");
    EXPECT_THAT(finding.detail, HasSubstr("flopmeter "));
  }
}

// Prevents that the terminal and the page say different things.
TEST(Findings, AreTheSameEverywhere) {
  const ReportData data = data_with({{share_row("conv2d", "a", 3, 80)}, {}});
  const std::string text = findings_text(data);
  const std::string page = html_first_screen(data);
  for (const std::size_t environment : {0U, 1U}) {
    for (const Finding& finding : findings(data, environment)) {
      EXPECT_THAT(text, HasSubstr(finding.headline));
      EXPECT_THAT(page, HasSubstr(finding.headline.substr(0, finding.headline.find(" %"))));
    }
  }
}

PivotQuery by(std::vector<const RecordField*> keys) {
  return {
      .by = std::move(keys), .value = field_of_key("gflops"), .where = {}, .fold = Fold::median};
}

TEST(Pivot, RowsAndColumns) {
  const ReportData data =
      data_with({{share_row("conv2d", "a", 1, 10), share_row("conv2d", "b", 1, 30),
                  share_row("conv2d", "a", 1, 7, "eigen"), share_row("relu", "a", 1, 1.5)}});
  const Pivot gathered = pivot(data, by({field_of_key("layer"), field_of_key("backend")}));
  EXPECT_EQ(to_text(gathered.table),
            "layer   onednn  eigen\n"
            "conv2d   20.00  7.000\n"
            "relu     1.500      -\n");
  EXPECT_EQ(to_csv(gathered.table), "layer,onednn,eigen\nconv2d,20,7\nrelu,1.5,\n");
  EXPECT_EQ(to_markdown(gathered.table, 1),
            "| layer | onednn | eigen |\n| --- | ---: | ---: |\n| conv2d | 20.00 | 7.000 |\n"
            "\n1 row more.\n");
  EXPECT_THAT(gathered.table.caption, HasSubstr("gflops"));
  EXPECT_THAT(gathered.remarks, testing::IsEmpty());
}

// Prevents a median over backends or numbers of threads that looks like a rate of one of them.
TEST(Pivot, SaysWhatIsMixed) {
  Record two = share_row("conv2d", "a", 1, 40);
  two.threads = 2;
  two.status = "noisy";
  Record empty = share_row("conv2d", "z", 1, 1);
  empty.gflops = std::nullopt;
  const ReportData data = data_with(
      {{share_row("conv2d", "a", 1, 10), share_row("conv2d", "a", 1, 7, "eigen"), two, empty}});
  const Pivot gathered = pivot(data, by({field_of_key("layer")}));
  EXPECT_THAT(
      gathered.remarks,
      ElementsAre(HasSubstr("mixes backend eigen | onednn"), HasSubstr("mixes threads 1 | 2"),
                  HasSubstr("1 row is not ok"), HasSubstr("1 row has no gflops")));
  PivotQuery one = by({field_of_key("layer"), field_of_key("backend")});
  one.where = {{field_of_key("threads"), "1"}};
  EXPECT_THAT(pivot(data, one).remarks, ElementsAre(HasSubstr("1 row has no gflops")));
}

}  // namespace
}  // namespace flopmeter::report
