#include "app/isa_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <limits>

#include "app/child.h"
#include "app/executed.h"
#include "bench/driver.h"
#include "bench/experiments/isa/onednn_isa.h"
#include "bench/row.h"

namespace flopmeter {
namespace {

IsaRow without_time(std::string_view isa, const BenchCase& what, std::string_view status,
                    std::string reason) {
  IsaRow row{.isa = std::string(isa), .effective = {}, .record = planned_row(what)};
  row.record.status = status;
  row.record.reason = std::move(reason);
  return row;
}

std::vector<std::string> words_of(std::string_view isa, const BenchCase& what,
                                  const BenchmarkFlags& flags) {
  const Case& subject = what.subject;
  std::vector<std::string> words{"isa",
                                 std::string(subject.problem.layer->name),
                                 subject.problem.shape(),
                                 fmt::format("--isa={}", isa),
                                 fmt::format("--pass={}", to_string(subject.pass)),
                                 fmt::format("--dtype={}", to_string(subject.dtype)),
                                 "--here",
                                 "--json"};
  std::ranges::copy(flags.measuring(), std::back_inserter(words));
  return words;
}

/// The command line that makes this row alone.
std::string command(std::string_view isa, const BenchCase& what, const BenchmarkFlags& flags) {
  std::string text = onednn_isa_limit(isa).front() + " flopmeter";
  for (const std::string& word : words_of(isa, what, flags)) {
    text += word.find_first_of(" \"'$&|;<>()*?[]#~\\") == std::string::npos
                ? " " + word
                : fmt::format(" '{}'", word);
  }
  return text;
}

std::string text(const Json& json) { return json.is_string() ? json.get<std::string>() : ""; }

/// The key's value, null where it or what should hold it is not there.
Json value(const Json& json, std::string_view key) {
  return json.is_object() ? json.value(std::string(key), Json()) : Json();
}

template <class Number>
std::optional<Number> number(const Json& json) {
  return json.is_number() ? std::optional(json.get<Number>()) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> IsaRow::count(std::string_view lanes, std::string_view kind) const {
  return number<std::int64_t>(value(value(executed, lanes), kind));
}

std::optional<std::int64_t> IsaRow::instructions() const {
  return number<std::int64_t>(value(executed, "instructions"));
}

std::optional<double> IsaRow::share(std::string_view key) const {
  return number<double>(value(executed, key));
}

std::string IsaRow::not_counted() const { return text(value(executed, "unavailable")); }

std::string IsaRow::disagreement() const { return text(value(executed, "disagreement")); }

std::optional<double> IsaRow::instructions_per_mac() const {
  if (!instructions() || record.macs_in_bounds.value_or(0) == 0) {
    return std::nullopt;
  }
  return static_cast<double>(*instructions()) / static_cast<double>(*record.macs_in_bounds);
}

bool timed(const IsaRow& row) { return !row.record.samples.empty(); }

double fastest(const IsaRow& row) { return std::ranges::min(row.record.samples); }

IsaRow measure_isa(std::string_view isa, const BenchCase& what, const BenchmarkFlags& flags) {
  const std::string effective = effective_onednn_isa();
  if (effective != isa) {
    IsaRow row = without_time(isa, what, "unavailable",
                              fmt::format("oneDNN uses {} here, not {}", effective, isa));
    row.effective = effective;
    return row;
  }
  IsaRow row{.isa = std::string(isa), .effective = effective, .record = {}};
  run_cases({&what, 1}, flags, [&](const Record& record) { row.record = record; });
  if (timed(row)) {
    row.executed = to_json(account(what.subject));
  }
  row.record.command = command(isa, what, flags);
  return row;
}

IsaRow measure_isa_in_child(std::string_view isa, const BenchCase& what,
                            const BenchmarkFlags& flags) try {
  const ChildOutput child =
      run_child(own_program, words_of(isa, what, flags), onednn_isa_limit(isa));
  if (!child.problem.empty()) {
    return without_time(isa, what, "failed", child.problem);
  }
  return isa_row_from_json(Json::parse(child.out));
} catch (const std::exception& error) {
  return without_time(isa, what, "failed", error.what());
}

Json to_json(const IsaRow& row) {
  return {{"type", "isa"},
          {"isa", row.isa},
          {"effective", row.effective},
          {"executed", row.executed},
          {"record", to_json(row.record)}};
}

IsaRow isa_row_from_json(const Json& json) {
  return {.isa = json.at("isa").get<std::string>(),
          .effective = json.at("effective").get<std::string>(),
          .record = record_from_json(json.at("record")),
          .executed = json.at("executed")};
}

std::vector<std::optional<double>> ratios_to_best(const std::vector<IsaRow>& rows) {
  double best = std::numeric_limits<double>::infinity();
  for (const IsaRow& row : rows) {
    best = timed(row) ? std::min(best, fastest(row)) : best;
  }
  std::vector<std::optional<double>> ratios;
  std::ranges::transform(rows, std::back_inserter(ratios), [&](const IsaRow& row) {
    return timed(row) ? std::optional(best / fastest(row)) : std::nullopt;
  });
  return ratios;
}

}  // namespace flopmeter
