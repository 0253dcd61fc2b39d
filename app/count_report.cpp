#include "app/count_report.h"

#include "app/counts_json.h"
#include "app/executed.h"
#include "app/left_out.h"
#include "app/retired.h"
#include "app/text.h"
#include "kernels/composition.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

constexpr auto beyond_limit = "not counted: more MACs than --limit";

OpCounts count_with(const AnyBackend& backend, const Problem& problem, Pass pass) {
  Tensors<Counted<float>> tensors(problem.operands(pass));
  return count_operations([&] { backend.counted(problem.values, pass, tensors); });
}

nlohmann::json conventions_json(const CountReport& report, const OpCounts& counts) {
  nlohmann::json json = nlohmann::json::object();
  for (const Convention* convention : report.conventions) {
    json[std::string(convention->name)] = convention->reduce(counts);
  }
  return json;
}

/// What the reference did, with and without the padding as zeros; the formula where it was not run.
published::Counted counted_reference(const CountReport& report) {
  const Problem& problem = report.problem;
  published::Counted counted{report.formula.in_bounds, report.formula.dense,
                             parameter_elements(problem.operands(Pass::forward)), 0};
  for (const Operand& operand : problem.operands(report.pass)) {
    counted.outputs += operand.role == Role::output ? elements(operand) : 0;
  }
  const CountColumn& reference = report.counted.front();
  if (reference.counts) {
    const Problem padded{problem.layer, problem.layer->padded_out(problem.values), ""};
    counted.in_bounds = *reference.counts;
    counted.dense = padded.values == problem.values
                        ? *reference.counts
                        : count_with(problem.layer->backends.front(), padded, report.pass);
  }
  return counted;
}

/// One heading with its counts; the table has a column for each.
struct Column {
  std::string heading;
  OpCounts counts;
};

std::vector<Column> columns(const CountReport& report) {
  std::vector<Column> all{{"formula dense", report.formula.dense},
                          {"formula in-bounds", report.formula.in_bounds}};
  for (const CountColumn& column : report.counted) {
    if (column.counts) {
      all.push_back({fmt::format("counted {}", column.name), *column.counts});
    }
  }
  return all;
}

template <class Number>
std::vector<report::Cell> row_of(std::string name, const std::vector<Column>& all, Number number) {
  std::vector<report::Cell> row{{std::move(name)}};
  for (const Column& column : all) {
    row.push_back({grouped(number(column.counts))});
  }
  return row;
}

/// Integer operations are no FLOPs.
std::string_view unit_of(const Convention& convention, Dtype dtype) {
  return dtype == Dtype::s8 && convention.unit == "FLOPs" ? "operations" : convention.unit;
}

bool used(const OpKind& kind, const std::vector<Column>& all) {
  return std::ranges::any_of(all, [&](const Column& c) { return c.counts.*kind.count != 0; });
}

constexpr std::size_t usual_width = 18;

/// Columns with these headings behind the first, which is named by itself.
report::TextTable counts_of(const std::vector<Column>& all, std::string first) {
  report::TextTable table{.columns = {{std::move(first), false, usual_width}}};
  for (const Column& column : all) {
    table.columns.push_back({column.heading, true, usual_width});
  }
  return table;
}

report::TextTable operations_table(const CountReport& report, const std::vector<Column>& all) {
  report::TextTable table = counts_of(all, "operations");
  for (const OpKind& kind : op_kinds) {
    if (used(kind, all)) {
      table.rows.push_back(
          row_of(std::string(kind.name), all, [&](const OpCounts& c) { return c.*kind.count; }));
    }
  }
  table.rows.emplace_back();
  for (const Convention* own : report.conventions) {
    table.rows.push_back(
        row_of(fmt::format("{} ({})", unit_of(*own, report.dtype), own->name), all, own->reduce));
  }
  return table;
}

/// What there is of the layer as a whole.
report::TextTable sizes_table(const CountReport& report) {
  report::TextTable table{.columns = {{"", false, usual_width}, {"", true, usual_width}, {""}}};
  table.rows.push_back({{"parameters"}, {grouped(report.formula.parameters)}, {""}});
  for (const Variable& variable : report.problem.layer->variables(report.problem.values)) {
    if (variable.name == "active_params") {
      table.rows.push_back({{"active"}, {grouped(variable.value)}, {"take part in one token"}});
    }
  }
  table.rows.push_back({{"traffic"},
                        {grouped(report.bytes)},
                        {fmt::format("bytes, {}, every operand once", to_string(report.dtype))}});
  return table;
}

/// Where the backend refuses the problem itself, that is the reason.
CountColumn with_refusal(CountColumn column, const Executed& executed) {
  const bool refused = !executed.counted() && executed.implementation.empty() &&
                       executed.problem != beyond_limit && executed::why_unavailable().empty();
  if (!column.counts && refused) {
    column.reason = fmt::format("unavailable: {}", executed.problem);
  }
  return column;
}

}  // namespace

bool beyond(std::int64_t mac_limit, const Problem& problem, Pass pass, Dtype dtype) {
  return problem.formula(pass).dense.macs > mac_limit ||
         compulsory_bytes(problem, pass, dtype) > mac_limit;
}

Account execute_backend(const Case& subject, bool too_large, Detail detail) {
  if (!too_large) {
    return account(subject, detail);
  }
  Account absent{.subject = subject, .executed = {}, .explanation = {}};
  absent.executed.problem = beyond_limit;
  return absent;
}

CountColumn count_backend(const Problem& problem, Pass pass, const AnyBackend& backend,
                          bool too_large) {
  if (auto reason = why_not_counted({problem.layer, problem.values, pass}, backend.name)) {
    return {backend.name, std::nullopt, std::move(*reason)};
  }
  if (too_large) {
    return {backend.name, std::nullopt, beyond_limit};
  }
  if (pass != Pass::forward && backend.kind != BackendKind::definition) {
    return {backend.name, std::nullopt, "its algorithm is counted in the forward pass only"};
  }
  return {backend.name, count_with(backend, problem, pass), ""};
}

CountReport count_problem(const Problem& problem, Pass pass, Dtype dtype, std::int64_t mac_limit,
                          const SelectedConventions& selected) {
  CountReport report{problem,
                     pass,
                     dtype,
                     problem.formula(pass),
                     compulsory_bytes(problem, pass, dtype),
                     {},
                     {},
                     selected.own,
                     {}};
  for (const Convention& convention : conventions()) {
    convention.reduce(report.formula.dense);  // a number that will be printed must fit
  }
  const bool too_large = beyond(mac_limit, problem, pass, dtype);
  for (const AnyBackend& backend : problem.layer->backends) {
    const Account& account = report.executed.emplace_back(
        execute_backend({problem, pass, backend.name, dtype}, too_large));
    report.counted.push_back(
        with_refusal(count_backend(problem, pass, backend, too_large), account.executed));
  }
  if (!selected.counters.empty()) {
    report.published = published::rows(published::table(), selected.counters, problem, pass,
                                       counted_reference(report));
  }
  return report;
}

nlohmann::json to_json(const CountReport& report) {
  const Case subject{report.problem, report.pass, "reference", report.dtype};
  nlohmann::json json{{"case", subject.name()},
                      {"parameters", report.formula.parameters},
                      {"bytes", report.bytes},
                      {"formula",
                       {{"dense", counts_json(report.formula.dense)},
                        {"in_bounds", counts_json(report.formula.in_bounds)}}},
                      {"conventions",
                       {{"dense", conventions_json(report, report.formula.dense)},
                        {"in_bounds", conventions_json(report, report.formula.in_bounds)}}},
                      {"counted", nlohmann::json::object()},
                      {"executed", nlohmann::json::object()},
                      {"retired", nlohmann::json::object()},
                      {"unavailable", nlohmann::json::object()}};
  for (const Variable& variable : report.problem.layer->variables(report.problem.values)) {
    if (variable.name == "active_params") {
      json["active_parameters"] = variable.value;
    }
  }
  for (const CountColumn& column : report.counted) {
    const std::string name(column.name);
    if (column.counts) {
      json["counted"][name] = counts_json(*column.counts);
    } else {
      json["unavailable"][name] = column.reason;
    }
  }
  for (const Account& account : report.executed) {
    json["executed"][std::string(account.subject.backend)] = to_json(account);
    json["retired"][std::string(account.subject.backend)] = retired_json(account);
  }
  if (!report.published.empty()) {
    json["published"] = published_json(report.published);
  }
  return json;
}

std::string to_text(const CountReport& report) {
  const std::vector<Column> all = columns(report);
  std::string text =
      fmt::format("{} {} {}\n{}\n\n", report.problem.layer->name, to_string(report.pass),
                  report.problem.shape(), report.problem.layer->equation);
  text += left_out_line(report.problem);
  text += report::to_text(sizes_table(report), 2) + "\n";
  text += report::to_text(operations_table(report, all), 2);
  text += report.conventions.empty() ? "" : "\n";
  for (const Convention* own : report.conventions) {
    text += fmt::format("  {:<6} {}\n", own->name, own->rule);
  }
  text +=
      "  dense      every tap of the kernel, padding included, as published counters do\n"
      "  in-bounds  only taps that touch real input; of causal attention, what the mask leaves\n";
  for (const CountColumn& column : report.counted) {
    if (!column.counts) {
      text += fmt::format("  {:<10} {}\n", column.name, column.reason);
    }
  }
  return text + "\n" + executed_text(report.executed) + retired_text(report.executed) +
         published_text(report.published);
}

}  // namespace flopmeter
