#include "app/executed.h"

#include <gmock/gmock.h>

#include "app/executed_spots.h"
#include "app/executed_summary.h"

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// linear with 8 MACs that executed 16 in 32 lanes, all in FMA.
Account doubled() {
  Account account{.subject = {parse_problem(find_layer("linear"), "mb1ic2oc4"), Pass::forward,
                              "onednn", Dtype::f32},
                  .executed = {},
                  .explanation = Explanation{.quantity = "macs", .formula = 8, .executed = 16}};
  account.explanation->factors = {{"channel rounding", "output channels 4 -> 8", 8, 4}};
  Executed& executed = account.executed;
  executed.totals.add({executed::Operation::fma, executed::Element::f32, 8, 1, 0}, 4, 16, 32);
  executed.active = op_counts(executed.totals, executed::Lanes::active);
  executed.full = op_counts(executed.totals, executed::Lanes::full);
  executed.instructions = 40;
  return account;
}

Account absent() {
  Account account{.subject = doubled().subject, .executed = {}, .explanation = {}};
  account.executed.problem = "no such thing";
  return account;
}

TEST(ExecutedOutput, JsonHasTheDocumentedKeys) {
  const nlohmann::json json = to_json(doubled());
  EXPECT_EQ(json["active"]["macs"], 16);
  EXPECT_EQ(json["full"]["multiplies"], 32);
  EXPECT_EQ(json["instructions"], 40);
  EXPECT_EQ(json["ratio"], 2.0);
  EXPECT_EQ(json["factors"][0]["effect"], "channel rounding");
  EXPECT_EQ(json["factors"][0]["numerator"], 8);
  EXPECT_EQ(json["unexplained"], 0);
  EXPECT_EQ(json["fma_share"], 1.0);
  EXPECT_EQ(json["instructions_per_mac"], 2.5);
  EXPECT_EQ(json["lane_use"], 0.5);
  EXPECT_EQ(json["kinds"]["fma f32 x8"]["instructions"], 4);
  EXPECT_EQ(to_json(absent()), (nlohmann::json{{"unavailable", "no such thing"}}));
}

TEST(ExecutedOutput, LineHasRatioFactorsAndShares) {
  EXPECT_EQ(executed_line(doubled()),
            "2.0000 = 2.0000 output channels 4 -> 8; FMA share 100.0 %, 2.5 instructions a MAC, "
            "lane use 50.0 %");
  EXPECT_EQ(executed_line(absent()), "unavailable: no such thing");
}

// Prevents totals that lack something and do not say so.
TEST(ExecutedOutput, LineSaysWhatWasNotCounted) {
  Account account = doubled();
  account.executed.remarks = {2, 0, true};
  account.executed.disagreement = "result 7: 1 when counted, 2 when not";
  EXPECT_THAT(executed_line(account),
              AllOf(HasSubstr("RESULT CHANGED: result 7"), HasSubstr("2 threads"),
                    HasSubstr("rep instructions count once")));
}

TEST(ExecutedOutput, MaskedLanesHaveAColumn) {
  const std::vector all{doubled(), absent()};
  EXPECT_THAT(executed_text(all), AllOf(HasSubstr("onednn full"), HasSubstr("instructions"),
                                        HasSubstr("unavailable: no such thing")));
}

TEST(ExecutedOutput, RecordHasTheFields) {
  Record record;
  set_executed(record, doubled());
  EXPECT_EQ(record.executed_macs, 16);
  EXPECT_EQ(record.executed_macs_full, 32);
  EXPECT_EQ(record.executed_flops, 32);
  EXPECT_EQ(record.executed_ratio, 2.0);
  EXPECT_EQ(record.executed_unexplained, 0);
  EXPECT_EQ(record.fma_share, 100.0);
  EXPECT_EQ(record.lane_use, 50.0);
  Record empty;
  set_executed(empty, absent());
  EXPECT_EQ(empty.executed, "unavailable: no such thing");
  EXPECT_FALSE(empty.executed_macs);
}

executed::HotSpot spot(std::string module, std::string symbol, std::int64_t lanes) {
  executed::HotSpot spot{std::move(module), std::move(symbol), 0, 64, {}};
  spot.totals.instructions = 9;
  if (lanes != 0) {
    spot.totals.add({executed::Operation::add, executed::Element::f32, 1, 1, 0}, lanes, lanes,
                    lanes);
  }
  return spot;
}

// Prevents a library's own arithmetic that cannot be told from its kernel's.
TEST(ExecutedSpots, AreThoseWithArithmetic) {
  const std::vector spots{spot("", "", 1000), spot("libx.so", "_ZN1a1bEv", 3),
                          spot("libx.so", "main", 2), spot("liby.so", "", 1),
                          spot("libc.so", "memcpy", 0)};
  report::TextTable table{
      .columns = {{"backend"}, {"macs"}, {"multiplies"}, {"adds", true}, {"function"}}};
  add_spots(table, "onednn", spots);
  const std::string text = report::to_text(table);
  EXPECT_THAT(text, AllOf(HasSubstr("1,000  generated code, 64 bytes\n"),
                          HasSubstr("3  libx.so a::b()\n"), HasSubstr("2  libx.so main\n"),
                          HasSubstr("1  1 others\n"), testing::Not(HasSubstr("memcpy"))));
  const nlohmann::json json = spots_json(spots);
  ASSERT_EQ(json.size(), 4);
  EXPECT_EQ(json[0]["module"], "");
  EXPECT_EQ(json[0]["active"]["adds"], 1000);
  EXPECT_EQ(json[1]["symbol"], "_ZN1a1bEv");
}

TEST(ExecutedSummary, ListsWhatIsNotExplained) {
  ProblemLedger ledger;
  Entry entry;
  entry.account = doubled();
  ledger.entries.push_back(entry);
  entry.account->explanation->unexplained = -3;
  ledger.entries.push_back(entry);
  entry.account = absent();
  ledger.entries.push_back(entry);
  ledger.entries.emplace_back();
  ExecutedSummary summary;
  EXPECT_EQ(summary.text(), "");
  summary.add(std::vector{ledger});
  EXPECT_THAT(
      summary.text(),
      AllOf(HasSubstr("2 cases counted,      1 explained exactly by named factors (50.0 %)"),
            HasSubstr("executed: 1 cases unavailable: no such thing\n"),
            HasSubstr("not explained: linear/forward/onednn/f32/mb1ic2oc4: 2.0000 = "),
            HasSubstr("unexplained: -3 MACs\n")));
}

}  // namespace
}  // namespace flopmeter
