#include "app/count_report.h"

#include "app/counts_json.h"
#include "app/executed.h"
#include "app/left_out.h"
#include "app/retired.h"
#include "app/text.h"

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
std::string line(std::string_view name, const std::vector<Column>& all, Number number) {
  std::string text = fmt::format("  {:<18}", name);
  for (const Column& column : all) {
    text += fmt::format("  {:>18}", grouped(number(column.counts)));
  }
  return text + "\n";
}

/// Integer operations are no FLOPs.
std::string_view unit_of(const Convention& convention, Dtype dtype) {
  return dtype == Dtype::s8 && convention.unit == "FLOPs" ? "operations" : convention.unit;
}

bool used(const OpKind& kind, const std::vector<Column>& all) {
  return std::ranges::any_of(all, [&](const Column& c) { return c.counts.*kind.count != 0; });
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
  if (!backend.counted) {
    return {backend.name, std::nullopt,
            "a binary library: its code cannot run on a counting scalar"};
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
    report.counted.push_back(count_backend(problem, pass, backend, too_large));
    report.executed.push_back(execute_backend({problem, pass, backend.name, dtype}, too_large));
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
  text += fmt::format("  {:<18}{:>20}\n", "parameters", grouped(report.formula.parameters));
  for (const Variable& variable : report.problem.layer->variables(report.problem.values)) {
    if (variable.name == "active_params") {
      text += fmt::format("  {:<18}{:>20}  take part in one token\n", "active",
                          grouped(variable.value));
    }
  }
  text += fmt::format("  {:<18}{:>20}  bytes, {}, every operand once\n\n", "traffic",
                      grouped(report.bytes), to_string(report.dtype));
  text += fmt::format("  {:<18}", "operations");
  for (const Column& column : all) {
    text += fmt::format("{:>20}", column.heading);
  }
  text += "\n";
  for (const OpKind& kind : op_kinds) {
    if (used(kind, all)) {
      text += line(kind.name, all, [&](const OpCounts& c) { return c.*kind.count; });
    }
  }
  text += "\n";
  for (const Convention* own : report.conventions) {
    text += line(fmt::format("{} ({})", unit_of(*own, report.dtype), own->name), all, own->reduce);
  }
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
