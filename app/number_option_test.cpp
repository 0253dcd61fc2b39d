#include "app/number_option.h"

#include <gmock/gmock.h>

#include <regex>

#include "app/subcommands.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::Not;

struct CommandLine {
  CLI::App app{"", "flopmeter"};
  int exit_code = 0;

  CommandLine() { add_subcommands(app, exit_code); }
};

/// "0..1000", "1..8,..." or "0%..99%": what add_number and its like give an option.
bool is_range(const std::string& type) {
  static const std::regex range(R"([-+.e0-9]+%?\.\.[-+.e0-9]+%?(,\.\.\.)?)");
  return std::regex_match(type, range);
}

// Prevents an option whose number CLI11 reads: it takes -1 for 18446744073709551615.
TEST(NumberOption, EveryNumberIsReadInOnePlace) {
  CommandLine line;
  for (const CLI::App* command : line.app.get_subcommands({})) {
    for (const CLI::Option* option : command->get_options()) {
      EXPECT_THAT(option->get_type_name(), Not(testing::ContainsRegex("INT|FLOAT|NUMBER|POSITIVE")))
          << command->get_name() << " " << option->get_name();
    }
  }
}

TEST(NumberOption, EachRefusesWhatIsNoNumberOfItsRange) {
  std::size_t tried = 0;
  const CommandLine all;
  for (const CLI::App* known : all.app.get_subcommands({})) {
    for (const CLI::Option* option : known->get_options()) {
      if (!is_range(option->get_type_name())) {
        continue;
      }
      for (const char* value : {"-1", "x", "", "1x", "nan", "inf", "1e400", "0x10", "--",
                                "99999999999999999999999999", "18446744073709551616"}) {
        CommandLine line;
        const std::string word = fmt::format("{}={}", option->get_name(), value);
        try {
          line.app.parse(fmt::format("{} {}", known->get_name(), word));
          ADD_FAILURE() << known->get_name() << " takes " << word;
        } catch (const BadInput& error) {
          EXPECT_THAT(error.what(), HasSubstr(option->get_name()));
          EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
        } catch (const CLI::ParseError& error) {
          EXPECT_THAT(error.what(), HasSubstr(option->get_name())) << word;
        }
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 100);
}

TEST(NumberOption, ListsAndPercentages) {
  CLI::App app;
  std::vector<int> list{1};
  double share = 0.5;
  add_numbers(app, "--threads", list, {1, 8}, "");
  add_percent(app, "--share", share, {0, 99}, "");
  app.parse("--threads=2,4,8 --share=2.5%");
  EXPECT_THAT(list, testing::ElementsAre(2, 4, 8));
  EXPECT_DOUBLE_EQ(share, 0.025);
}

TEST(NumberOption, TheMessageIsShort) {
  CLI::App app;
  int number = 0;
  add_number<int>(app, "--number", number, {0, 5}, "");
  try {
    app.parse(std::vector<std::string>{"--number=" + std::string(1'000'000, '7')});
    FAIL();
  } catch (const BadInput& error) {
    EXPECT_LT(std::string_view(error.what()).size(), 200);
  }
}

}  // namespace
}  // namespace flopmeter
