// flopmeter diff: what became more expensive between two networks.
#include "app/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "app/counts_json.h"
#include "app/model_options.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

constexpr auto diff_footer =
    "Nodes are matched by name; what is left by layer and shape, then by layer in the order of "
    "the\n"
    "files. Options of free dimensions hold for both.\n"
    "Examples:\n"
    "  flopmeter diff before.onnx after.onnx\n"
    "  flopmeter diff resnet18.onnx resnet50.onnx --json\n"
    "  flopmeter diff llama.json qwen.json --phase=decode --past 4096";

using Rows = std::vector<const ModelRow*>;

bool same_cost(const ModelRow& a, const ModelRow& b) {
  return a.layer == b.layer && a.shape == b.shape && a.uses == b.uses && a.dense() == b.dense() &&
         a.in_bounds() == b.in_bounds() && a.reason == b.reason;
}

/// Rows without arithmetic have nothing to become more expensive.
bool matters(const ModelRow& row) {
  return !row.reason.empty() || row.dense() != OpCounts{} || row.parameters() != 0;
}

/// Takes pairs with equal keys out of both lists, in order.
template <class Key>
void match(Rows& a, Rows& b, Key key, std::vector<DiffPair>& pairs) {
  std::map<std::string, Rows> waiting;
  for (const ModelRow* row : b) {
    waiting[key(*row)].push_back(row);
  }
  std::map<std::string, std::size_t> taken;
  Rows left;
  for (const ModelRow* row : a) {
    const std::string at = key(*row);
    const auto found = waiting.find(at);
    if (found != waiting.end() && taken[at] < found->second.size()) {
      pairs.push_back({row, found->second[taken[at]++]});
    } else {
      left.push_back(row);
    }
  }
  a = std::move(left);
  std::set<const ModelRow*> matched;
  for (const DiffPair& pair : pairs) {
    matched.insert(pair.after);
  }
  std::erase_if(b, [&](const ModelRow* row) { return matched.contains(row); });
}

Rows rows_that_matter(const ModelReport& report) {
  Rows rows;
  for (const ModelRow& row : report.rows) {
    if (matters(row)) {
      rows.push_back(&row);
    }
  }
  return rows;
}

std::int64_t change(const DiffPair& pair) {
  return (pair.after == nullptr ? 0 : pair.after->dense().macs) -
         (pair.before == nullptr ? 0 : pair.before->dense().macs);
}

std::string signed_count(std::int64_t count) {
  return count < 0 ? "-" + grouped(-count) : "+" + grouped(count);
}

std::string side(const ModelRow* row) {
  return row == nullptr       ? "-"
         : row->shape.empty() ? std::string(row->layer)
                              : fmt::format("{} {}", row->layer, row->shape);
}

std::vector<report::Cell> total_cells(std::string name, std::optional<std::int64_t> before,
                                      std::optional<std::int64_t> after) {
  std::vector<report::Cell> cells{
      {std::move(name)}, report::count_cell(before), report::count_cell(after)};
  if (before && after) {
    cells.push_back({signed_count(*after - *before)});
    if (*before != 0) {
      cells.push_back(
          {fmt::format("{:.4f} x", static_cast<double>(*after) / static_cast<double>(*before))});
    }
  }
  return cells;
}

report::TextTable totals_table(const ModelReport& a, const ModelReport& b) {
  report::TextTable table{
      .columns = {
          {"", false, 18}, {"before", true, 20}, {"after", true, 20}, {"change", true, 20}, {""}}};
  table.rows = {total_cells("parameters", a.model.parameters, b.model.parameters),
                total_cells("MACs dense", a.totals.dense.macs, b.totals.dense.macs),
                total_cells("MACs in bounds", a.totals.in_bounds.macs, b.totals.in_bounds.macs),
                total_cells("activation bytes", a.activation_bytes(), b.activation_bytes())};
  return table;
}

std::string diff_text(const ModelReport& a, const ModelReport& b,
                      const std::vector<DiffPair>& differing, std::size_t top) {
  std::string text = report::to_text(totals_table(a, b), 2);
  if (!a.totals.whole || !b.totals.whole) {
    text += "  at least: not every node is understood; flopmeter model says which\n";
  }
  if (differing.empty()) {
    return text + "\n  no node differs\n";
  }
  text += "\n";
  for (std::size_t i = 0; i < differing.size() && (top == 0 || i < top); ++i) {
    const DiffPair& pair = differing[i];
    const ModelRow& named = pair.before != nullptr ? *pair.before : *pair.after;
    text += fmt::format("  {:>20} MACs  {}: {} -> {}\n", signed_count(change(pair)), named.name,
                        side(pair.before), side(pair.after));
  }
  if (top != 0 && differing.size() > top) {
    text += fmt::format("  and {} more: --top 0 shows all\n", differing.size() - top);
  }
  return text;
}

nlohmann::json side_json(const ModelRow* row) {
  if (row == nullptr) {
    return nullptr;
  }
  return {{"name", row->name},
          {"layer", row->layer},
          {"shape", row->shape},
          {"uses", row->uses},
          {"macs", {{"dense", row->dense().macs}, {"in_bounds", row->in_bounds().macs}}}};
}

nlohmann::json totals_json(const ModelReport& r) {
  return {{"path", r.model.path},
          {"parameters", r.model.parameters},
          {"macs", {{"dense", r.totals.dense.macs}, {"in_bounds", r.totals.in_bounds.macs}}},
          {"activation_bytes", json_or_null(r.activation_bytes())},
          {"whole", r.totals.whole}};
}

nlohmann::json diff_json(const ModelReport& a, const ModelReport& b,
                         const std::vector<DiffPair>& differing) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const DiffPair& pair : differing) {
    nodes.push_back({{"before", side_json(pair.before)},
                     {"after", side_json(pair.after)},
                     {"change_macs_dense", change(pair)}});
  }
  return {{"before", totals_json(a)}, {"after", totals_json(b)}, {"nodes", nodes}};
}

}  // namespace

std::vector<DiffPair> matched(const ModelReport& before, const ModelReport& after) {
  Rows a = rows_that_matter(before);
  Rows b = rows_that_matter(after);
  std::vector<DiffPair> pairs;
  match(
      a, b, [](const ModelRow& row) { return std::string(row.name); }, pairs);
  match(
      a, b, [](const ModelRow& row) { return fmt::format("{} {}", row.layer, row.shape); }, pairs);
  match(
      a, b, [](const ModelRow& row) { return std::string(row.layer); }, pairs);
  for (const ModelRow* row : a) {
    pairs.push_back({row, nullptr});
  }
  for (const ModelRow* row : b) {
    pairs.push_back({nullptr, row});
  }
  std::erase_if(pairs, [](const DiffPair& pair) {
    return pair.before != nullptr && pair.after != nullptr && same_cost(*pair.before, *pair.after);
  });
  std::ranges::stable_sort(pairs, std::greater<>(),
                           [](const DiffPair& pair) { return std::abs(change(pair)); });
  return pairs;
}

void add_diff(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("diff", "What became more expensive between two networks");
  command->footer(diff_footer);
  struct Options {
    std::string before, after;
    ModelArguments model;
    std::size_t top = 25;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("before", options->before, "a network's file")->required();
  command->add_option("after", options->after, "another, or a later one")->required();
  add_model_options(*command, options->model);
  add_number<std::size_t>(*command, "--top", options->top, {0, 1'000'000},
                          "nodes that are shown, 0 for all");
  command->add_flag("--json", options->json, "one JSON object");
  command->callback([options, &exit_code] {
    const models::ModelOptions model = single(options->model);
    const ModelReport before =
        report_model(models::read_model_file(options->before, model), Pass::forward);
    const ModelReport after =
        report_model(models::read_model_file(options->after, model), Pass::forward);
    const std::vector<DiffPair> differing = matched(before, after);
    fmt::print("{}", options->json
                         ? diff_json(before, after, differing)
                                   .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                               "\n"
                         : diff_text(before, after, differing, options->top));
    exit_code = 0;
  });
}

}  // namespace flopmeter
