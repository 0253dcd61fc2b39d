#include "validate/executed/effect_table.h"

#include <gmock/gmock.h>

#include <array>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string table_of(std::string_view row) {
  return fmt::format(R"({{"groups": {{}}, "effects": [{}]}})", row);
}

std::string complaint_about(std::string_view row) {
  try {
    read_effects(table_of(row), "x.json");
  } catch (const BadInput& error) {
    return error.what();
  }
  return "";
}

TEST(EffectTable, ReadsARow) {
  const auto rows = read_effects(
      table_of(R"({"layers": ["linear"], "effect": "twice", "macs": "2*before"})"), "x.json");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].concerns("onednn", "2.6.3", "linear", Pass::forward, "jit"));
  EXPECT_EQ(rows[0].effect.apply(Quantity::macs, {{"before", 3}}), 6);
}

TEST(EffectTable, OneFormulaMayBeOfMacsAndProducts) {
  const auto rows =
      read_effects(table_of(R"({"effect": "e", "macs and products": "before + 1"})"), "x.json");
  for (const Quantity quantity : {Quantity::macs, Quantity::products}) {
    EXPECT_EQ(rows.at(0).effect.apply(quantity, {{"before", 3}}), 4);
  }
  EXPECT_THAT(complaint_about(R"({"effect": "e", "macs and products": "1", "macs": "2"})"),
              HasSubstr("'macs and products' is a second formula"));
  EXPECT_THAT(complaint_about(R"({"effect": "e", "macs and products": "1", "products": "2"})"),
              HasSubstr("'products' is a second formula"));
}

// Prevents what one version's kernels do from being said of another's.
TEST(EffectTable, ARowHoldsForItsVersionsAlone) {
  const auto rows =
      read_effects(table_of(R"({"versions": ">=3", "effect": "e", "macs": "before"})"), "x.json");
  const auto concerns = [&](std::string_view version) {
    return rows.at(0).concerns("onednn", version, "linear", Pass::forward, "jit");
  };
  EXPECT_TRUE(concerns("3.7.2"));
  EXPECT_FALSE(concerns("2.6.3"));
  EXPECT_FALSE(concerns(""));
}

TEST(EffectTable, ReadsWhatIsDoneToTheResult) {
  const auto rows = read_effects(
      table_of(R"({"after": ["tanh", "silu"], "effect": "e", "macs": "before + results"})"), "x");
  EXPECT_EQ(rows.at(0).after, (std::vector<std::string>{"tanh", "silu"}));
}

// Prevents an effect that never holds, or always, because a word in it is misspelt.
TEST(EffectTable, RefusesMisspeltWords) {
  EXPECT_THAT(complaint_about(R"({"effect": "e", "mac": "before"})"),
              AllOf(HasSubstr("x.json"), HasSubstr("number 1, 'e'"), HasSubstr("'mac'")));
  constexpr std::array<const char*, 9> rows{
      R"({"effect": "e", "layer": ["linear"]})",      R"({"effect": "e", "layers": ["liner"]})",
      R"({"effect": "e", "passes": ["forwards"]})",   R"({"effect": "e", "backend": "onednm"})",
      R"({"effect": "e", "implementations": "jit"})", R"({"effect": "e", "When": "1"})",
      R"({"effect": "e", "macs": "before*"})",        R"({"macs": "before"})",
      R"({"effect": "e", "versions": "3"})",
  };
  for (const char* row : rows) {
    EXPECT_NE(complaint_about(row), "") << row;
  }
  EXPECT_THROW(read_effects(R"({"effects": [], "groups": {}, "effect": []})", "x"), BadInput);
}

}  // namespace
}  // namespace flopmeter
