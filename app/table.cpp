// flopmeter table: rows of result files gathered by some of their fields, without another tool.
#include "app/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/standard_streams.h"
#include "kernels/bad_input.h"
#include "results/read_results.h"
#include "results/report/pivot.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

constexpr auto table_footer =
    "Fields are the keys of a row in JSON (docs/results.md): layer, backend, dtype, pass, "
    "threads,\n"
    "label, shape, status, bound; and as numbers gflops, seconds, percent_of_attainable, ...\n"
    "Of several fields behind --by, the values of the last one become columns.\n"
    "Remarks (what is mixed, which rows are not ok) stand below the text and Markdown, and on\n"
    "standard error beside CSV.\n"
    "Exit codes: 0, 2 when a file cannot be read or a field is not known.\n"
    "Examples:\n"
    "  flopmeter table results.jsonl\n"
    "  flopmeter table results.jsonl --by layer,backend --value percent_of_attainable\n"
    "  flopmeter table monday.jsonl --by label,threads --value seconds --where layer=conv2d --csv";

constexpr std::array<std::pair<std::string_view, report::Fold>, 5> folds{
    {{"median", report::Fold::median},
     {"min", report::Fold::lowest},
     {"max", report::Fold::highest},
     {"sum", report::Fold::sum},
     {"count", report::Fold::count}}};

struct TableOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> by{"layer", "backend"};
  std::string value = "gflops";
  std::vector<std::string> where;
  std::string fold = "median";
  bool csv = false;
  bool markdown = false;
};

/// Keys of the fields that will do, for messages.
std::string fields_text(auto suits) {
  std::string text;
  for (const RecordField& field : record_fields()) {
    if (suits(field)) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", field.key);
    }
  }
  return text;
}

const RecordField* field_for(std::string_view option, std::string_view key, auto suits) {
  const RecordField* field = report::field_of_key(key);
  if (field == nullptr || !suits(*field)) {
    bad_input("{} '{:.60}': must be one of {}", option, key, fields_text(suits));
  }
  return field;
}

/// "layer=conv2d".
std::pair<const RecordField*, std::string> condition(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    bad_input("--where '{:.60}': must be a field and its value, as in layer=conv2d", text);
  }
  return {field_for("--where", text.substr(0, equals), report::names_a_group),
          text.substr(equals + 1)};
}

report::Fold fold_named(const std::string& name) {
  const auto found = std::ranges::find(folds, name, &decltype(folds)::value_type::first);
  if (found == folds.end()) {
    bad_input("--fold '{:.60}': must be one of median, min, max, sum, count", name);
  }
  return found->second;
}

report::PivotQuery query_of(const TableOptions& options) {
  if (options.csv && options.markdown) {
    bad_input("--csv and --markdown both go to standard output: choose one");
  }
  report::PivotQuery query{
      .by = {}, .value = nullptr, .where = {}, .fold = fold_named(options.fold)};
  for (const std::string& key : options.by) {
    query.by.push_back(field_for("--by", key, report::names_a_group));
  }
  query.value = field_for("--value", options.value, [](const RecordField& field) {
    return !std::holds_alternative<std::string Record::*>(field.member) &&
           !std::holds_alternative<std::vector<double> Record::*>(field.member);
  });
  for (const std::string& text : options.where) {
    query.where.push_back(condition(text));
  }
  return query;
}

void print(const report::Pivot& pivot, const TableOptions& options) {
  if (options.csv) {
    fmt::print("{}", report::to_csv(pivot.table));
    for (const std::string& remark : pivot.remarks) {
      complain("flopmeter: " + remark);
    }
    return;
  }
  const std::string_view item = options.markdown ? "- " : "";
  fmt::print("{}\n\n{}{}", pivot.table.caption,
             options.markdown
                 ? report::to_markdown(pivot.table, std::numeric_limits<std::size_t>::max())
                 : report::to_text(pivot.table),
             pivot.remarks.empty() ? "" : "\n");
  for (const std::string& remark : pivot.remarks) {
    fmt::print("{}{}\n", item, remark);
  }
}

int make_table(const TableOptions& options) {
  // Judged before any file is read.
  const report::PivotQuery query = query_of(options);
  const report::Pivot gathered =
      report::pivot(report::read_report(options.inputs, report::no_limits), query);
  if (gathered.table.rows.empty()) {
    bad_input("no row of {} has a {}{}", fmt::join(options.inputs, ", "), options.value,
              options.where.empty()
                  ? ""
                  : " where " + fmt::format("{}", fmt::join(options.where, " and ")));
  }
  print(gathered, options);
  return 0;
}

}  // namespace

void add_table(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "table",
      "Rows of result files by layer and backend, or any other fields, as text, CSV, Markdown");
  command->footer(table_footer);
  auto options = std::make_shared<TableOptions>();
  command->add_option("results", options->inputs, "JSON Lines files of bench or run")
      ->required()
      ->type_name("FILE");
  command->add_option("--by", options->by, "fields that rows are gathered by")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--value", options->value, "the number that is shown")->capture_default_str();
  command->add_option("--where", options->where,
                      "only rows whose field has this value, as in dtype=f32");
  command
      ->add_option("--fold", options->fold,
                   "what several rows become: median, min, max, sum, or their count")
      ->capture_default_str();
  command->add_flag("--csv", options->csv, "CSV, numbers at full precision");
  command->add_flag("--markdown", options->markdown, "a Markdown table");
  command->callback([options, &exit_code] { exit_code = make_table(*options); });
}

}  // namespace flopmeter
