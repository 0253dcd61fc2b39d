#include "results/report/text_table.h"

#include <gtest/gtest.h>

namespace flopmeter::report {
namespace {

TextTable two_rows() {
  return {.columns = {{"name"}, {"count", true}, {"remark"}},
          .rows = {{{"a"}, {"1"}, {"odd"}}, {{"long name"}, {"22"}, {""}}}};
}

TEST(TextTable, AlignsNumbersToTheRightAndEndsWithoutSpaces) {
  EXPECT_EQ(to_text(two_rows()),
            "name       count  remark\n"
            "a              1  odd\n"
            "long name     22\n");
}

TEST(TextTable, StandsBelowAnotherOfTheSameWidth) {
  TextTable table = two_rows();
  table.columns[0].least = 10;
  table.columns[1].least = 8;
  EXPECT_EQ(to_text(table, 2),
            "  name           count  remark\n"
            "  a                  1  odd\n"
            "  long name         22\n");
}

// Prevents a reason from making every column behind it as wide as a sentence.
TEST(TextTable, ARowThatEndsEarlyRunsOver) {
  TextTable table = two_rows();
  table.rows.push_back({{"b"}, {"not counted: there is no code"}});
  table.rows.emplace_back();
  EXPECT_EQ(to_text(table),
            "name       count  remark\n"
            "a              1  odd\n"
            "long name     22\n"
            "b          not counted: there is no code\n"
            "\n");
  EXPECT_EQ(to_csv(table).find("b,"), to_csv(table).find("b,not counted: there is no code,\n"));
}

TEST(TextTable, WithoutHeadingsHasNoLineOfThem) {
  EXPECT_EQ(to_text({.columns = {{""}, {"", true}}, .rows = {{{"a"}, {"1"}}}}), "a  1\n");
}

// Prevents a label from ending its cell, or from becoming something else than text.
TEST(TextTable, MarkdownEscapesTextAndKeepsCode) {
  TextTable table{.columns = {{"a|b"}, {"code"}},
                  .rows = {{{"x|y *z* <b>"}, code_cell("p*q|r_s")}, {{"1"}, code_cell("a`b|c")}}};
  EXPECT_EQ(to_markdown(table),
            "| a\\|b | code |\n"
            "| --- | --- |\n"
            "| x\\|y \\*z\\* &lt;b&gt; | `p*q\\|r_s` |\n"
            "| 1 | a\\`b\\|c |\n");
  EXPECT_EQ(to_markdown(table, 1),
            "| a\\|b | code |\n"
            "| --- | --- |\n"
            "| x\\|y \\*z\\* &lt;b&gt; | `p*q\\|r_s` |\n"
            "\n1 row more.\n");
}

// Prevents rows that are printed one by one from standing beside their headings.
TEST(TextTable, LinesOfItStandBelowOneAnother) {
  const TextTable table{.columns = {{"width"}, {"time", true, 8}, {"moved", true}}};
  EXPECT_EQ(heading_line(table), "width      time  moved\n");
  EXPECT_EQ(row_line(table, {{"512"}, {"13.2 ns"}, {"0.1 %"}}), "512     13.2 ns  0.1 %\n");
  EXPECT_EQ(row_line(table, {{"512"}, {"unavailable: no such registers here"}}),
            "512    unavailable: no such registers here\n");
}

}  // namespace
}  // namespace flopmeter::report
