#include "results/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "results/json.h"
#include "results/read_results.h"
#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

Environment machine(std::string cpu = "first CPU") {
  Environment environment;
  environment.cpu = std::move(cpu);
  return environment;
}

Record row(std::string name, std::string status = "ok") {
  Record record;
  record.name = std::move(name);
  record.status = std::move(status);
  record.threads = 1;
  record.cache = "warm";
  record.flops = 1000;
  return record;
}

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

template <class Error>
std::string message_of(auto&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// Lengths to cut the line to: byte by byte at its ends. Every trial waits for the disk.
std::vector<std::size_t> cuts(const std::string& line) {
  std::vector<std::size_t> lengths;
  for (std::size_t length = 0; length <= line.size(); ++length) {
    if (length < 4 || length + 4 > line.size() || length % 41 == 0) {
      lengths.push_back(length);
    }
  }
  return lengths;
}

class Results : public testing::Test {
 protected:
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "run.jsonl";
  const std::string environment = environment_line(machine());
  const std::string id = fingerprint(machine());

  std::string line(const std::string& name) const { return record_line(row(name), id); }
};

// Prevents a file whose rows nobody can attribute to a machine.
TEST_F(Results, EnvironmentThenRows) {
  ResultFile file(path, machine(), false);
  file.append(row("a"));
  file.append(row("b"));
  EXPECT_EQ(content(path), environment + line("a") + line("b"));
}

// Prevents that a finished row is lost in a buffer when the process is killed.
TEST_F(Results, ARowSurvivesAKill) {
  const pid_t child = fork();
  if (child == 0) {
    ResultFile file(path, machine(), false);
    file.append(row("a"));
    raise(SIGKILL);
  }
  ASSERT_GT(child, 0);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(content(path), environment + line("a"));
}

// Prevents that an interrupted file cannot be continued, or that the next row is glued to half a
// line: wherever in the last row the writing ended.
TEST_F(Results, ResumesAfterAKillInMidLine) {
  const std::string before = environment + line("a");
  const std::string last = line("b");
  for (const std::size_t cut : cuts(last)) {
    directory.write("run.jsonl", before + last.substr(0, cut));
    ResultFile file(path, machine(), true);
    EXPECT_TRUE(file.has("a", 1, "warm"));
    // Without its newline the row is complete: measured, so not to be lost.
    const bool complete = cut + 1 >= last.size();
    EXPECT_EQ(file.has("b", 1, "warm"), complete) << cut;
    file.append(row("c"));
    EXPECT_EQ(content(path), before + (complete ? last : "") + line("c")) << cut;
  }
}

// Prevents the same for a kill while the very first line is written.
TEST_F(Results, ResumesAfterAKillInTheEnvironmentLine) {
  for (const std::size_t cut : cuts(environment)) {
    directory.write("run.jsonl", environment.substr(0, cut));
    ResultFile file(path, machine(), true);
    file.append(row("a"));
    EXPECT_EQ(content(path), environment + line("a")) << cut;
  }
}

// Prevents that yesterday's results are overwritten or mixed with today's by a repeated command.
TEST_F(Results, AnExistingFileIsRefusedWithoutResume) {
  directory.write("run.jsonl", environment + line("a"));
  const std::string message =
      message_of<CannotWrite>([&] { ResultFile file(path, machine(), false); });
  EXPECT_THAT(message, HasSubstr(path.string()));
  EXPECT_THAT(message, HasSubstr("--resume"));
  EXPECT_EQ(content(path), environment + line("a"));
}

// Prevents that a mistyped name destroys a file of something else.
TEST_F(Results, ResumeLeavesOtherFilesAlone) {
  for (const std::string text : {"notes, no newline", "{\"type\":\"other\"}\n", "\n"}) {
    directory.write("run.jsonl", text);
    const std::string message =
        message_of<CannotRead>([&] { ResultFile file(path, machine(), true); });
    EXPECT_THAT(message, HasSubstr(path.string()));
    EXPECT_EQ(content(path), text);
  }
}

// Prevents that rows behind a damaged line are cut off with it.
TEST_F(Results, ADamagedLineInTheMiddleIsReported) {
  const std::string text = environment + "{\"type\":\"rec\n" + line("b");
  directory.write("run.jsonl", text);
  const std::string message =
      message_of<CannotRead>([&] { ResultFile file(path, machine(), true); });
  EXPECT_THAT(message, HasSubstr("line 2"));
  EXPECT_EQ(content(path), text);
}

// Prevents that a later schema, whose keys may mean something else, is taken for this one.
TEST_F(Results, ALaterSchemaIsReported) {
  Environment later = machine();
  later.schema = schema_version + 1;
  directory.write("run.jsonl", environment_line(later));
  EXPECT_THAT(message_of<CannotRead>([&] { ResultFile file(path, machine(), true); }),
              HasSubstr("schema"));
}

// Prevents that a run on another machine skips cases that were measured on this one, or repeats its
// own.
TEST_F(Results, OnlyRowsOfTheSameEnvironmentCount) {
  { ResultFile(path, machine(), false).append(row("a")); }
  {
    ResultFile other(path, machine("second CPU"), true);
    EXPECT_FALSE(other.has("a", 1, "warm"));
    EXPECT_TRUE(other.resumed().empty());
    other.append(row("b"));
  }
  ResultFile again(path, machine(), true);
  EXPECT_TRUE(again.has("a", 1, "warm"));
  EXPECT_FALSE(again.has("b", 1, "warm"));
  ASSERT_EQ(again.resumed().size(), 1U);
  EXPECT_EQ(again.resumed()[0].name, "a");
  EXPECT_EQ(read_results(path).environments.size(), 3U);
}

// Prevents that a row is told twice after it was measured anew, and that a resumed run forgets what it
// had refuted.
TEST_F(Results, OfSeveralRowsAboutTheSameTheLastCounts) {
  {
    ResultFile file(path, machine(), false);
    file.append(row("a", "noisy"));
    file.append(row("b"));
    file.append(row("a", "ok"));
    file.append(FormulaRow{.layer = "conv2d", .pass = "forward", .verdict = "refuted"});
    file.append(FormulaRow{.layer = "linear", .pass = "forward", .verdict = "refuted"});
    file.append(FormulaRow{.layer = "linear", .pass = "forward", .verdict = "exact"});
  }
  const ResultFile again(path, machine(), true);
  ASSERT_EQ(again.resumed().size(), 2U);
  EXPECT_EQ(again.resumed()[0].name, "a");
  EXPECT_EQ(again.resumed()[0].status, "ok");
  ASSERT_EQ(again.formulas().size(), 2U);
  EXPECT_EQ(again.formulas()[0].verdict, "refuted");
  EXPECT_EQ(again.formulas()[1].verdict, "exact");
}

// Prevents that the environment is repeated before every continuation of one run.
TEST_F(Results, TheSameEnvironmentIsWrittenOnce) {
  { ResultFile(path, machine(), false).append(row("a")); }
  ResultFile(path, machine(), true).append(row("b"));
  EXPECT_EQ(content(path), environment + line("a") + line("b"));
}

// Prevents that a noisy time is final, that another thread count or cold caches pass for this case,
// and that a refusal is tried again at every resume.
TEST_F(Results, WhichRowsAnswerACase) {
  ResultFile file(path, machine(), false);
  for (const char* status : {"ok", "unavailable", "failed", "noisy", "mistrusted"}) {
    file.append(row(status, status));
  }
  EXPECT_TRUE(file.has("ok", 1, "warm"));
  EXPECT_TRUE(file.has("unavailable", 1, "warm"));
  EXPECT_TRUE(file.has("failed", 1, "warm"));
  EXPECT_FALSE(file.has("noisy", 1, "warm"));
  EXPECT_FALSE(file.has("mistrusted", 1, "warm"));
  EXPECT_FALSE(file.has("ok", 2, "warm"));
  EXPECT_FALSE(file.has("ok", std::nullopt, "warm"));
  EXPECT_FALSE(file.has("ok", 1, "cold"));
  EXPECT_FALSE(file.has("o", 1, "warm"));
}

// Prevents hours of measuring before the first row shows that it cannot be kept.
TEST_F(Results, UnwritablePathsAreReportedAtOnce) {
  for (const std::filesystem::path& bad : {directory.path() / "absent" / "run.jsonl",
                                           directory.path(), std::filesystem::path("/dev/full")}) {
    for (const bool resume : {false, true}) {
      const std::string message =
          message_of<CannotWrite>([&] { ResultFile file(bad, machine(), resume); });
      EXPECT_THAT(message, HasSubstr("'" + bad.string() + "': "));
      EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
    }
  }
}

// Prevents two runs that mix their lines in one file.
TEST_F(Results, OneWriterAtATime) {
  const ResultFile first(path, machine(), false);
  EXPECT_THAT(message_of<CannotWrite>([&] { ResultFile second(path, machine(), true); }),
              HasSubstr("another run"));
}

// Prevents that counts above 2^53 change between a run and its report.
TEST_F(Results, LargeCountsComeBack) {
  Record large = row("a");
  large.flops = (std::int64_t{1} << 53) + 1;
  ResultFile(path, machine(), false).append(large);
  EXPECT_EQ(read_results(path).records.at(0).row.flops, 9007199254740993);
}

// Prevents a report of a mistyped file name that looks like an empty run.
TEST_F(Results, AnAbsentFileCannotBeRead) {
  EXPECT_THAT(message_of<CannotRead>([&] { read_results(path); }), HasSubstr("No such file"));
  EXPECT_THAT(message_of<CannotRead>([&] { read_results(directory.path()); }),
              HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace flopmeter
