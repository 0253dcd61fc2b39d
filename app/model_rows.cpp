// The rows of `flopmeter model`: nodes, groups of them, and their order.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "app/model.h"
#include "counters/convention.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using models::ModelNode;

/// What a row says of the node besides counts.
ModelRow named_row(const ModelNode& node) {
  ModelRow row;
  row.name = node.name;
  row.uses = node.uses;
  row.times = node.uses;
  row.reason = node.reason;
  row.covers = node.covers;
  row.operation = node.operation;
  row.path = node.path;
  row.output = node.output;
  row.layer = node.layer != nullptr ? node.layer->name
              : node.reason.empty() ? node.moves
                                    : "not understood";
  return row;
}

/// What one use of a case costs, in all passes together.
RowCase row_case(const ModelNode& node, std::span<const Pass> passes) {
  RowCase made{.shape = node.layer->print(node.values), .each = {}};
  made.each.parameters = models::node_formula(node, Pass::forward).parameters;
  for (const Pass pass : passes) {
    const Formula formula = models::node_formula(node, pass);
    made.each.dense = made.each.dense + formula.dense;
    made.each.in_bounds = made.each.in_bounds + formula.in_bounds;
    made.each.bytes = checked_add(made.each.bytes, models::node_bytes(node, pass));
  }
  return made;
}

void set_rows(ModelReport& report, std::span<const Pass> passes) {
  report.rows.reserve(report.model.nodes.size());
  for (const ModelNode& node : report.model.nodes) {
    report.rows.push_back(named_row(node));
  }
  const auto cases = models::distinct_cases(report.model);
  report.cases.reserve(cases.size());  // which rows point into
  for (const models::ModelCase& one : cases) {
    const RowCase& each = report.cases.emplace_back(row_case(*one.nodes.front(), passes));
    for (const ModelNode* node : one.nodes) {
      ModelRow& row = report.rows[static_cast<std::size_t>(node - report.model.nodes.data())];
      row.shape = each.shape;
      row.each = &each.each;
      row.dense();  // must fit
      row.bytes();
    }
  }
}

/// The totals of several passes.
ModelReport report_passes(models::Model model, std::span<const Pass> passes, std::string name) {
  ModelReport report;
  report.model = std::move(model);
  report.pass = std::move(name);
  for (const Pass pass : passes) {
    const models::Totals one = models::totals_of(report.model, pass);
    report.totals.dense = report.totals.dense + one.dense;
    report.totals.in_bounds = report.totals.in_bounds + one.in_bounds;
    report.totals.bytes = checked_add(report.totals.bytes, one.bytes);
    report.totals.whole = report.totals.whole && one.whole;
  }
  set_rows(report, passes);
  return report;
}

/// The first `depth` parts of a path, which are divided by slashes or dots.
std::string cut_path(std::string_view path, int depth) {
  std::size_t at = path.starts_with('/') ? 1 : 0;
  for (int part = 0; part < depth; ++part) {
    const std::size_t next = path.find_first_of("/.", at);
    if (next == std::string_view::npos) {
      return std::string(path);
    }
    at = next + 1;
  }
  return std::string(path.substr(0, at - 1));
}

std::string key_of(const ModelRow& row, std::string_view by, int depth) {
  if (by == "layer") {
    return std::string(row.layer);
  }
  if (by == "case") {
    return fmt::format("{} {}", row.layer, row.shape);
  }
  const std::string path = cut_path(row.path, depth);
  return path.empty() ? "(top)" : path;
}

void add_costs(const ModelRow& row, RowCosts& sum) {
  sum.parameters = checked_add(sum.parameters, row.parameters());
  sum.dense = sum.dense + row.dense();
  sum.in_bounds = sum.in_bounds + row.in_bounds();
  sum.bytes = checked_add(sum.bytes, row.bytes());
}

struct SortColumn {
  std::string_view name;
  std::int64_t (*value)(const ModelRow&);  // null: by a text
};

constexpr std::array sort_columns{
    SortColumn{"order", nullptr},
    SortColumn{"name", nullptr},
    SortColumn{"layer", nullptr},
    SortColumn{"macs", [](const ModelRow& r) { return r.dense().macs; }},
    SortColumn{"in_bounds", [](const ModelRow& r) { return r.in_bounds().macs; }},
    SortColumn{"flops", [](const ModelRow& r) { return r.exact(); }},
    SortColumn{"parameters", [](const ModelRow& r) { return r.parameters(); }},
    SortColumn{"bytes", [](const ModelRow& r) { return r.bytes(); }},
    SortColumn{"uses", [](const ModelRow& r) { return r.uses; }},
};

}  // namespace

std::int64_t ModelRow::exact() const { return find_convention("exact").reduce(dense()); }

ModelReport report_model(models::Model model, Pass pass) {
  return report_passes(std::move(model), std::array{pass}, std::string(to_string(pass)));
}

ModelReport report_training(models::Model model) {
  return report_passes(std::move(model), all_passes, "training: forward and both backward passes");
}

ModelGroups grouped_rows(const ModelReport& report, std::string_view by, int depth) {
  if (by != "layer" && by != "case" && by != "path") {
    bad_input("--by '{}': one of layer, case, path", by);
  }
  ModelGroups groups;
  std::map<std::string, std::size_t> places;
  for (const ModelRow& row : report.rows) {
    const std::string key = key_of(row, by, depth);
    const auto [found, added] = places.emplace(key, groups.rows.size());
    if (added) {
      ModelRow first = row;
      first.name = groups.names.emplace_back(key);
      first.shape = by == "case" ? row.shape : "";
      first.layer = by == "path" ? "" : row.layer;
      first.each = &groups.costs.emplace_back();
      first.times = 1;
      groups.rows.push_back(first);
    } else {
      ModelRow& group = groups.rows[found->second];
      group.uses = checked_add(group.uses, row.uses);
      ++group.nodes;
      group.reason = group.reason.empty() ? row.reason : group.reason;
    }
    add_costs(row, groups.costs[found->second]);
  }
  return groups;
}

void sort_rows(std::vector<const ModelRow*>& rows, std::string_view column) {
  const auto* const found = std::ranges::find(sort_columns, column, &SortColumn::name);
  if (found == sort_columns.end()) {
    bad_input(
        "--sort '{}': one of order, name, layer, macs, in_bounds, flops, parameters, bytes, uses",
        column);
  }
  if (found->value != nullptr) {
    std::ranges::stable_sort(rows, std::greater<>(),
                             [&](const ModelRow* row) { return found->value(*row); });
  } else if (column == "name") {
    std::ranges::stable_sort(rows, std::less<>(), &ModelRow::name);
  } else if (column == "layer") {
    std::ranges::stable_sort(rows, std::less<>(), &ModelRow::layer);
  }
}

}  // namespace flopmeter
