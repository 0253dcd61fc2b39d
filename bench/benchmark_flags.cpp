#include "bench/benchmark_flags.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

/// "--name=value", or "--name" alone.
struct Flag {
  std::string name;
  std::string value;
};

Flag split_flag(const std::string& text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::size_t begin = std::min(text.find_first_not_of('-'), text.size());
  return {text.substr(begin, equals - begin), text.substr(std::min(equals + 1, text.size()))};
}

bool is_format(const std::string& v) { return v == "console" || v == "json" || v == "csv"; }
bool is_time_unit(const std::string& v) { return v == "ns" || v == "us" || v == "ms" || v == "s"; }

bool is_count(const std::string& v) {
  int count = 0;
  const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), count);
  return error == std::errc() && end == v.data() + v.size() && count > 0;
}

// Newer versions also take a unit.
bool is_seconds(const std::string& v) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), seconds);
  const std::string_view unit(end, v.data() + v.size());
  return error == std::errc() && (unit.empty() || unit == "s") && seconds > 0 && seconds < 1e6;
}

bool is_expression(const std::string& v) try {
  const std::regex expression(v.starts_with('-') ? v.substr(1) : v, std::regex::extended);
  return true;
} catch (const std::regex_error&) {
  return false;
}

bool can_be_written(const std::string& v) {
  return v.empty() || std::ofstream(v, std::ios::app).is_open();
}

bool is_not_empty(const std::string& v) { return !v.empty(); }

// The operands of one case at a time are in memory.
bool is_false(const std::string& v) { return v == "false" || v == "0" || v == "no"; }

struct Rule {
  std::string_view name;
  bool (*accepts)(const std::string&);
  std::string_view accepted;
};

constexpr std::array<Rule, 10> rules{{
    {"benchmark_format", is_format, "console, json or csv"},
    {"benchmark_out_format", is_format, "console, json or csv"},
    {"benchmark_time_unit", is_time_unit, "ns, us, ms or s"},
    {"benchmark_color", is_not_empty, "yes, no or auto"},
    {"benchmark_repetitions", is_count, "an integer above 0"},
    {"benchmark_min_time", is_seconds, "seconds, above 0"},
    {"benchmark_min_warmup_time", is_seconds, "seconds, above 0"},
    {"benchmark_filter", is_expression, "a regular expression"},
    {"benchmark_out", can_be_written, "a file that can be written"},
    {"benchmark_enable_random_interleaving", is_false, "false: cases run one after another"},
}};

constexpr std::array<std::string_view, 3> measuring_flags{
    "benchmark_repetitions", "benchmark_min_time", "benchmark_min_warmup_time"};

void check(const std::string& text) {
  const Flag flag = split_flag(text);
  const auto rule = std::ranges::find(rules, flag.name, &Rule::name);
  if (rule != rules.end() && !rule->accepts(flag.value)) {
    bad_input("option '{}': must be {}", text, rule->accepted);
  }
}

/// Takes what is written to std::cerr for as long as it lives: Google Benchmark explains itself
/// there, we in the message of an exception.
class Silence {
 public:
  Silence() : before_(std::cerr.rdbuf(text_.rdbuf())) {}
  ~Silence() { std::cerr.rdbuf(before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};

/// Google Benchmark 1.8 and later wants the unit of a time, those before refuse it.
std::string in_its_notation(const std::string& text) {
  constexpr bool wants_unit = FLOPMETER_BENCHMARK_TIMES_HAVE_UNITS != 0;
  return wants_unit && split_flag(text).name == "benchmark_min_time" ? text + "s" : text;
}

}  // namespace

BenchmarkFlags::BenchmarkFlags(std::vector<std::string> given) : given_(std::move(given)) {
  std::ranges::for_each(given_, check);
  hand_over();  // which alone knows the names
}

std::string BenchmarkFlags::value(std::string_view name) const {
  std::string last;
  for (const std::string& text : given_) {
    if (const Flag flag = split_flag(text); flag.name == name) {
      last = flag.value;
    }
  }
  return last;
}

bool BenchmarkFlags::lists_only() const {
  return std::ranges::any_of(given_, [](const std::string& text) {
    const Flag flag = split_flag(text);
    return flag.name == "benchmark_list_tests" && !is_false(flag.value);
  });
}

std::vector<std::string> BenchmarkFlags::measuring() const {
  std::vector<std::string> chosen;
  std::ranges::copy_if(given_, std::back_inserter(chosen), [](const std::string& text) {
    return std::ranges::find(measuring_flags, split_flag(text).name) != measuring_flags.end();
  });
  return chosen;
}

/// Sets all that another run may have set.
void BenchmarkFlags::hand_over() const {
  static char program[] = "flopmeter";  // Google Benchmark keeps the pointer
  std::vector<std::string> words{"--benchmark_repetitions=5",
                                 in_its_notation("--benchmark_min_time=0.05"),
                                 "--benchmark_filter=.",
                                 "--benchmark_format=console",
                                 "--benchmark_out=",
                                 "--benchmark_list_tests=false",
                                 "--benchmark_report_aggregates_only=false",
                                 "--benchmark_display_aggregates_only=false"};
  std::ranges::transform(given_, std::back_inserter(words), in_its_notation);
  std::vector<char*> arguments{program};
  std::ranges::transform(words, std::back_inserter(arguments),
                         [](std::string& word) { return word.data(); });
  int count = static_cast<int>(arguments.size());
  {
    const Silence silence;
    benchmark::Initialize(&count, arguments.data());
  }
  if (count > 1) {
    bad_input("option '{}': Google Benchmark does not know it or its value", arguments[1]);
  }
}

}  // namespace flopmeter
