// What `flopmeter model` says of one network.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/totals.h"
#include "results/report/text_table.h"

namespace flopmeter {

/// A row of the table of nodes: one node, or a group of them.
struct ModelRow {
  std::string name;
  std::string layer;  // or what it does instead, or the operation
  std::string shape;
  std::int64_t uses = 1;
  std::int64_t nodes = 1;
  std::int64_t parameters = 0;
  OpCounts dense, in_bounds;
  std::int64_t bytes = 0;
  std::string reason;
  std::vector<std::string> covers;
  std::string operation, path, output;

  std::int64_t exact() const;  // FLOPs of `dense`
};

struct ModelReport {
  models::Model model;
  std::string pass = "forward";
  models::Totals totals;
  std::vector<ModelRow> rows;

  /// At their peak; none where the file does not say in which order tensors are made.
  std::optional<std::int64_t> activation_bytes() const {
    const bool known = model.activation_bytes != 0 || model.activation_remark.empty();
    return known ? std::optional(model.activation_bytes) : std::nullopt;
  }
};

/// Every node's row with its counts times its uses.
ModelReport report_model(models::Model model, Pass pass);

/// The forward and both backward passes of every node together, without the optimiser. The gradient of
/// the network's own input is counted too. Layers without a backward pass that others have say so.
ModelReport report_training(models::Model model);

/// Groups: "layer", "case" (layer and shape), or "path" cut after `depth` parts.
std::vector<ModelRow> grouped_rows(const ModelReport& report, std::string_view by, int depth);

/// By the name of a column; throws BadInput naming the known ones. Largest first, names in order.
void sort_rows(std::vector<const ModelRow*>& rows, std::string_view column);

struct ModelTable {
  std::vector<ModelRow> groups;       // where rows are not those of the report
  std::vector<const ModelRow*> rows;  // of the report, which has to outlive it, or of `groups`
  std::size_t shown = 0;              // of them
  std::size_t hidden = 0;             // without arithmetic, left out
};

std::string model_text(const ModelReport& report, const ModelTable& table);
std::string model_markdown(const ModelReport& report, const ModelTable& table);
std::string model_csv(const ModelTable& table);

using FreeDimensions = decltype(models::ModelOptions::dims);

/// Totals in one row, behind the values of free dimensions; the table has their columns.
report::TextTable sweep_table(const FreeDimensions& dims, bool csv);
std::vector<report::Cell> sweep_cells(const ModelReport& report, const FreeDimensions& dims,
                                      bool csv);
nlohmann::json model_json(const ModelReport& report);

}  // namespace flopmeter
