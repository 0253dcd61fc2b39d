#include "app/subcommands.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(std::string_view asked) {
  CLI::App app{"", "flopmeter"};
  int exit_code = 0;
  add_subcommands(app, exit_code, asked);
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return names;
}

// Prevents a name that is another's in the table: the command would be unknown when it is asked for.
TEST(Subcommands, ThatWhichIsAskedForIsMadeAlone) {
  const std::vector<std::string> all = names_of("");
  ASSERT_THAT(all, testing::Contains("exec"));
  for (const std::string& name : all) {
    if (name != "pages") {  // writes about all
      EXPECT_THAT(names_of(name), ElementsAre(name));
    }
  }
}

TEST(Subcommands, AllAreMadeForWhatIsNone) {
  EXPECT_EQ(names_of("--help"), names_of(""));
  EXPECT_EQ(names_of("exe"), names_of(""));
  EXPECT_EQ(names_of("pages"), names_of(""));
}

}  // namespace
}  // namespace flopmeter
