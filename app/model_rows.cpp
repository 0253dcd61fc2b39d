// The rows of `flopmeter model`: nodes, groups of them, and their order.
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
  row.reason = node.reason;
  row.covers = node.covers;
  row.operation = node.operation;
  row.path = node.path;
  row.output = node.output;
  row.layer = node.layer != nullptr ? std::string(node.layer->name)
              : node.reason.empty() ? std::string(node.moves)
                                    : "not understood";
  return row;
}

/// What one use of a case costs, in all passes together.
ModelRow row_of_case(const ModelNode& node, std::span<const Pass> passes) {
  ModelRow row;
  row.shape = node.layer->print(node.values);
  row.parameters = models::node_formula(node, Pass::forward).parameters;
  for (const Pass pass : passes) {
    const Formula formula = models::node_formula(node, pass);
    row.dense = row.dense + formula.dense;
    row.in_bounds = row.in_bounds + formula.in_bounds;
    row.bytes = checked_add(row.bytes, models::node_bytes(node, pass));
  }
  return row;
}

std::vector<ModelRow> rows_of(const models::Model& model, std::span<const Pass> passes) {
  std::vector<ModelRow> rows;
  rows.reserve(model.nodes.size());
  for (const ModelNode& node : model.nodes) {
    rows.push_back(named_row(node));
  }
  for (const models::ModelCase& one : models::distinct_cases(model)) {
    const ModelRow each = row_of_case(*one.nodes.front(), passes);
    for (const ModelNode* node : one.nodes) {
      ModelRow& row = rows[static_cast<std::size_t>(node - model.nodes.data())];
      row.shape = each.shape;
      row.parameters = each.parameters;
      row.dense = node->uses * each.dense;
      row.in_bounds = node->uses * each.in_bounds;
      row.bytes = checked_multiply(node->uses, each.bytes);
    }
  }
  return rows;
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
  report.rows = rows_of(report.model, passes);
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
    return row.layer;
  }
  if (by == "case") {
    return row.layer + " " + row.shape;
  }
  const std::string path = cut_path(row.path, depth);
  return path.empty() ? "(top)" : path;
}

void add_to(ModelRow& group, const ModelRow& row) {
  group.uses = checked_add(group.uses, row.uses);
  ++group.nodes;
  group.parameters = checked_add(group.parameters, row.parameters);
  group.dense = group.dense + row.dense;
  group.in_bounds = group.in_bounds + row.in_bounds;
  group.bytes = checked_add(group.bytes, row.bytes);
  group.reason = group.reason.empty() ? row.reason : group.reason;
}

struct SortColumn {
  std::string_view name;
  std::int64_t (*value)(const ModelRow&);  // null: by a text
};

constexpr std::array sort_columns{
    SortColumn{"order", nullptr},
    SortColumn{"name", nullptr},
    SortColumn{"layer", nullptr},
    SortColumn{"macs", [](const ModelRow& r) { return r.dense.macs; }},
    SortColumn{"in_bounds", [](const ModelRow& r) { return r.in_bounds.macs; }},
    SortColumn{"flops", [](const ModelRow& r) { return r.exact(); }},
    SortColumn{"parameters", [](const ModelRow& r) { return r.parameters; }},
    SortColumn{"bytes", [](const ModelRow& r) { return r.bytes; }},
    SortColumn{"uses", [](const ModelRow& r) { return r.uses; }},
};

}  // namespace

std::int64_t ModelRow::exact() const { return find_convention("exact").reduce(dense); }

ModelReport report_model(models::Model model, Pass pass) {
  return report_passes(std::move(model), std::array{pass}, std::string(to_string(pass)));
}

ModelReport report_training(models::Model model) {
  return report_passes(std::move(model), all_passes, "training: forward and both backward passes");
}

std::vector<ModelRow> grouped_rows(const ModelReport& report, std::string_view by, int depth) {
  if (by != "layer" && by != "case" && by != "path") {
    bad_input("--by '{}': one of layer, case, path", by);
  }
  std::vector<ModelRow> groups;
  std::map<std::string, std::size_t> places;
  for (const ModelRow& row : report.rows) {
    const std::string key = key_of(row, by, depth);
    const auto [found, added] = places.emplace(key, groups.size());
    if (added) {
      groups.push_back(row);
      groups.back().name = key;
      groups.back().shape = by == "case" ? row.shape : "";
      groups.back().layer = by == "path" ? "" : row.layer;
    } else {
      add_to(groups[found->second], row);
    }
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
