#include "app/child.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace flopmeter {
namespace {

ChildOutput shell(const std::string& script, std::vector<std::string> variables = {}) {
  const std::array words{std::string("-c"), script};
  return run_child("/bin/sh", words, variables);
}

TEST(Child, OutputIsTakenWhole) {
  const ChildOutput done = shell("i=0; while [ $i -lt 20000 ]; do echo 12345; i=$((i+1)); done");
  EXPECT_EQ(done.out.size(), 120'000U);  // more than a pipe holds
  EXPECT_EQ(done.problem, "");
}

TEST(Child, VariablesAreSetOrReplaced) {
  setenv("FLOPMETER_CHILD_TEST", "old", 1);
  EXPECT_EQ(shell("echo $FLOPMETER_CHILD_TEST").out, "old\n");
  EXPECT_EQ(shell("echo $FLOPMETER_CHILD_TEST", {"FLOPMETER_CHILD_TEST=new"}).out, "new\n");
  EXPECT_EQ(shell("echo $FLOPMETER_CHILD_TESTS", {"FLOPMETER_CHILD_TEST=new"}).out, "\n");
  unsetenv("FLOPMETER_CHILD_TEST");
}

TEST(Child, FailureSaysHow) {
  EXPECT_EQ(shell("echo one >&2; echo two >&2; exit 3").problem, "exit code 3: two");
  EXPECT_EQ(shell("exit 1").problem, "exit code 1");
  EXPECT_EQ(shell("kill -ILL $$").problem, "killed by Illegal instruction");
  EXPECT_THROW(run_child("/nonexistent", {}, {}), std::runtime_error);
}

}  // namespace
}  // namespace flopmeter
