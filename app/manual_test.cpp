#include "app/manual.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A program of two commands, one of them hidden.
class Manual : public testing::Test {
 protected:
  Manual() {
    program_.footer("Examples:\n  meter weigh --unit t\n.dot");
    CLI::App* weigh = program_.add_subcommand("weigh", "Weigh a thing: it's [easy]");
    weigh->add_option("-u,--unit", unit_, "kg or t; a \\ and a 'quote'")->capture_default_str();
    weigh->add_flag("--fast", fast_, "no waiting");
    weigh->add_option("thing", thing_, "what to weigh")->required();
    program_.add_subcommand("secret", "not for people")->group("");
  }
  const CLI::App& weigh() const { return *program_.get_subcommand("weigh"); }

  CLI::App program_{"Measures things\nand more", "meter"};
  std::string unit_ = "kg";
  std::string thing_;
  bool fast_ = false;
};

TEST_F(Manual, ProgramNamesItsCommands) {
  const std::string page = man_page(program_, "1.2");
  EXPECT_THAT(page, testing::StartsWith(".TH METER 1 \"\" \"flopmeter 1.2\""));
  EXPECT_THAT(page, HasSubstr("meter \\- Measures things\n.SH SYNOPSIS"));
  EXPECT_THAT(page, HasSubstr("\\fBmeter\\-weigh\\fR(1)\nWeigh a thing"));
  EXPECT_THAT(page, Not(HasSubstr("secret")));
}

// A line that starts with a dot is a command of roff and would vanish.
TEST_F(Manual, KeepsWhatRoffWouldRead) {
  EXPECT_THAT(man_page(program_, "1"), HasSubstr("\n\\&.dot\n"));
  EXPECT_THAT(man_page(weigh(), "1"), HasSubstr("a \\e and a 'quote' (default kg)"));
}

TEST_F(Manual, CommandNamesItsOptionsAndArguments) {
  const std::string page = man_page(weigh(), "1");
  EXPECT_THAT(page, HasSubstr(".B meter weigh\n[options] \\fIthing\\fR"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-u, \\-\\-unit\\fR \\fITEXT\\fR\n"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-fast\\fR\nno waiting"));
}

TEST_F(Manual, ShellsLearnCommandsAndOptions) {
  EXPECT_THAT(bash_completion(program_), HasSubstr("weigh) words='-h --help -u --unit --fast' ;;"));
  EXPECT_THAT(zsh_completion(program_), HasSubstr("'weigh:Weigh a thing\\: it'\\''s \\[easy\\]'"));
  EXPECT_THAT(zsh_completion(program_), HasSubstr("'*--unit[kg or t; a \\\\ and"));
  EXPECT_THAT(fish_completion(program_),
              HasSubstr("-s u -l unit -r -d 'kg or t; a \\\\ and a \\'quote\\''"));
  EXPECT_THAT(fish_completion(program_), HasSubstr("-l fast -d"));
}

}  // namespace
}  // namespace flopmeter
