#include "app/retired.h"

#include <gmock/gmock.h>

#include "app/executed_summary.h"

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A case whose executed code did 64 x 16 FLOPs by the rule of an event that counted otherwise.
Account counted_by_cpu(std::int64_t count) {
  Account account{.subject = {parse_problem(find_layer("linear"), "mb1ic2oc4"), Pass::forward,
                              "onednn", Dtype::f32},
                  .executed = {},
                  .explanation = Explanation{.quantity = "macs", .formula = 8, .executed = 8}};
  retired::CaseComparison& retired = account.executed.retired;
  retired.flops = {.name = "flops", .count = 16 * count, .reason = {}};
  retired.expected = 16 * 64;
  retired.rule = "lanes x count";
  retired.events = {{{.name = "fp_512_f32", .count = count, .reason = {}}, 64}};
  return account;
}

Account without_counters() {
  Account account = counted_by_cpu(0);
  account.executed.retired = {};
  account.executed.retired.flops = retired::unavailable("flops", "no PMU");
  return account;
}

Account not_executed() {
  Account account = counted_by_cpu(0);
  account.executed = {};
  account.executed.problem = "f32 only";
  return account;
}

TEST(RetiredOutput, JsonHasTheDocumentedKeys) {
  const nlohmann::json json = retired_json(counted_by_cpu(65));
  EXPECT_EQ(json["status"], "deviates");
  EXPECT_THAT(json["reason"], HasSubstr("fp_512_f32 counted 65 for 64"));
  EXPECT_EQ(json["rule"], "lanes x count");
  EXPECT_EQ(json["flops"], 1040);
  EXPECT_EQ(json["expected_from_executed"], 1024);
  EXPECT_EQ(json["events"]["fp_512_f32"],
            (nlohmann::json{{"count", 65}, {"expected_from_executed", 64}}));
  EXPECT_EQ(retired_json(counted_by_cpu(64))["status"], "agrees");
  EXPECT_EQ(retired_json(counted_by_cpu(64))["reason"], "");
  for (const auto& [account, reason] :
       {std::pair(without_counters(), "no PMU"), std::pair(not_executed(), "f32 only")}) {
    const nlohmann::json absent = retired_json(account);
    EXPECT_EQ(absent["status"], "unavailable");
    EXPECT_EQ(absent["reason"], reason);
    EXPECT_TRUE(absent["flops"].is_null() && absent["expected_from_executed"].is_null());
  }
}

TEST(RetiredOutput, ALineForEachCaseAndTheRuleOnce) {
  const std::vector all{counted_by_cpu(64), counted_by_cpu(65), not_executed()};
  EXPECT_EQ(
      retired_text(all),
      "  onednn     retired 1024 FLOPs by its rule, executed 1024: agrees\n"
      "  onednn     retired 1040 FLOPs by its rule, executed 1024: deviates by +16 (+1.56 %): "
      "fp_512_f32 counted 65 for 64\n"
      "  retired    the CPU's own count of a native call, by its rule: lanes x count\n");
}

// Prevents the reason from being said for each of thousands of cases.
TEST(RetiredOutput, AbsenceIsOneLine) {
  const std::vector all{without_counters(), without_counters(), not_executed()};
  EXPECT_EQ(retired_text(all), "  retired: unavailable: no PMU\n");
  RetiredSummary summary;
  EXPECT_EQ(summary.text(), "");
  std::vector<Record> records(3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    summary.add(all[i]);
    set_retired(records[i], all[i]);
    records[i].executed_instructions = all[i].executed.counted() ? std::optional(1) : std::nullopt;
  }
  EXPECT_EQ(summary.text(), "retired: unavailable: no PMU\n");
  EXPECT_EQ(retired_absence(records), "retired: unavailable: no PMU\n");
  EXPECT_EQ(records[2].retired, "unavailable: f32 only");
  EXPECT_FALSE(records[0].retired_flops || records[0].retired_expected);
}

TEST(RetiredOutput, SummaryListsWhatDeviates) {
  ProblemLedger ledger;
  for (const std::int64_t count : {64, 64, 65}) {
    ledger.entries.emplace_back().account = counted_by_cpu(count);
  }
  ExecutedSummary summary;
  summary.add(std::vector{ledger});
  EXPECT_THAT(summary.text(),
              AllOf(HasSubstr("retired agrees                 2 cases, counted by the CPU"),
                    HasSubstr("retired deviates               1 cases"),
                    HasSubstr("retired deviates: linear/forward/onednn/f32/mb1ic2oc4: 1040 FLOPs "
                              "by its rule, executed 1024: deviates by +16")));
}

TEST(RetiredOutput, RecordHasTheFields) {
  Record record;
  set_retired(record, counted_by_cpu(65));
  EXPECT_EQ(record.retired_flops, 1040);
  EXPECT_EQ(record.retired_expected, 1024);
  EXPECT_THAT(record.retired, HasSubstr("deviates by +16"));
}

}  // namespace
}  // namespace flopmeter
