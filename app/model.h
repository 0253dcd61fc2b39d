// What `flopmeter model` says of one network.
#pragma once

#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/totals.h"
#include "results/report/text_table.h"

namespace flopmeter {

/// What a row costs, all its uses together.
struct RowCosts {
  std::int64_t parameters = 0;
  OpCounts dense, in_bounds;
  std::int64_t bytes = 0;
};

/// A row of the table of nodes: one node, or a group of them. It views what it is made of, the report's network and
/// cases: a network has ten thousands of them, which differ in little.
struct ModelRow {
  std::string_view name;
  std::string_view layer;  // or what it does instead, or the operation
  std::string_view shape;
  std::int64_t uses = 1;
  std::int64_t nodes = 1;
  std::string_view reason;
  std::span<const std::string> covers = {};
  std::string_view operation, path, output;
  const RowCosts* each = nullptr;  // null: nothing
  std::int64_t times = 1;          // of those counts but parameters

  /// Throw CountOverflow.
  OpCounts dense() const { return each == nullptr ? OpCounts{} : times * each->dense; }
  OpCounts in_bounds() const { return each == nullptr ? OpCounts{} : times * each->in_bounds; }
  std::int64_t bytes() const { return each == nullptr ? 0 : checked_multiply(times, each->bytes); }
  std::int64_t parameters() const { return each == nullptr ? 0 : each->parameters; }
  std::int64_t exact() const;  // FLOPs of `dense`
};

/// A distinct case: its shape, and what one use of it costs.
struct RowCase {
  std::string shape;
  RowCosts each;
};

struct ModelReport {
  models::Model model;
  std::string pass = "forward";
  models::Totals totals;
  std::vector<RowCase> cases;
  std::vector<ModelRow> rows;  // views of `model` and `cases`

  ModelReport() = default;
  ModelReport(const ModelReport&) = delete;  // its rows would view the other's
  ModelReport& operator=(const ModelReport&) = delete;
  ModelReport(ModelReport&&) = default;
  ModelReport& operator=(ModelReport&&) = default;
  ~ModelReport() = default;

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

/// Rows that are several nodes, and what they view.
struct ModelGroups {
  std::vector<ModelRow> rows;
  std::deque<std::string> names;
  std::deque<RowCosts> costs;
};

/// Groups: "layer", "case" (layer and shape), or "path" cut after `depth` parts.
ModelGroups grouped_rows(const ModelReport& report, std::string_view by, int depth);

/// By the name of a column; throws BadInput naming the known ones. Largest first, names in order.
void sort_rows(std::vector<const ModelRow*>& rows, std::string_view column);

struct ModelTable {
  ModelGroups groups;                 // where rows are not those of the report
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

/// Takes a piece of the output.
using TextSink = std::function<void(std::string_view)>;

/// One JSON object, element by element: as a document it would take many times the network's own memory.
/// `more` are further members; lines behind the first are indented by so much.
void write_model_json(const ModelReport& report, const nlohmann::json& more, std::size_t indent,
                      const TextSink& sink);

}  // namespace flopmeter
