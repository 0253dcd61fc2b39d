#include "app/model_published.h"

#include <algorithm>
#include <array>
#include <map>

#include "app/count_published.h"
#include "app/text.h"
#include "models/totals.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using models::ModelNode;
using published::NetworkPrint;
using published::NodeShare;
using published::ShareGroup;
using published::Written;

constexpr std::size_t no_field = static_cast<std::size_t>(-1);

std::size_t field_of(const AnyLayer& layer, std::string_view key) {
  const auto found = std::ranges::find(layer.fields, key, &FieldInfo::key);
  return found == layer.fields.end() ? no_field
                                     : static_cast<std::size_t>(found - layer.fields.begin());
}

std::int64_t value_of(const Problem& problem, std::string_view key) {
  const std::size_t field = field_of(*problem.layer, key);
  return field == no_field ? 1 : problem.values[field];
}

/// How many nodes have each path, or lie in it. A path that is one node's alone is a module.
class Paths {
 public:
  explicit Paths(const models::Model& model) {
    for (const ModelNode& node : model.nodes) {
      if (node.layer != nullptr || node.moves != "constant") {
        add(node.path);
      }
    }
  }

  /// Called as a function: the file names scopes, but this node has none to itself.
  bool is_function(const ModelNode& node) const {
    if (counts_.size() <= 1) {
      return false;
    }
    const auto found = counts_.find(node.path);
    return found == counts_.end() || node.path.empty() || found->second > 1;
  }

 private:
  void add(std::string path) {
    ++counts_[path];
    while (!path.empty()) {
      const std::size_t end = path.find_last_of("/.");
      path.resize(end == std::string::npos ? 0 : end);
      ++counts_[path];
    }
  }

  std::map<std::string, int> counts_;
};

/// Layers that have modules without weights of their own.
bool may_be_function(std::string_view layer) {
  constexpr std::array names{"relu",        "leaky_relu", "gelu_erf", "gelu_tanh",        "silu",
                             "sigmoid",     "tanh",       "hardtanh", "hardswish",        "softmax",
                             "log_softmax", "max_pool",   "avg_pool", "adaptive_avg_pool"};
  return std::ranges::find(names, layer) != names.end();
}

/// What a file scales of an attention, and how: as models/onnx/patterns/attention.cpp says it.
void append_scale(std::string_view written, Scope& set) {
  if (written.empty()) {
    return;
  }
  const auto has = [&](char part) {
    return written.find(part) != std::string_view::npos ? 1.0 : 0.0;
  };
  set["scaled_scores"] = has('s');
  set["scaled_queries"] = has('q');
  set["scaled_keys"] = has('k');
  set["scale_divides"] = has('/');
}

Scope settings_of(const ModelNode& node, const Paths& paths) {
  Scope set;
  const std::string_view layer = node.layer->name;
  if (node.batch > 0) {
    set["batch"] = static_cast<double>(node.batch);
  }
  if (layer == "add" || layer == "mul") {
    set["operator"] = 1;
  }
  if (layer == "sdpa" && !node.covers.empty()) {
    set["primitives"] = 1;
    append_scale(node.moves, set);
  }
  if (may_be_function(layer) && paths.is_function(node)) {
    set["module"] = 0;
  }
  return set;
}

/// The convolution without the bias that the batch norm became, and the batch norm behind it.
void append_unfolded(Written conv, std::vector<Written>& nodes) {
  const Problem& problem = conv.problem;
  Problem norm = parse_problem(
      find_layer("batchnorm"),
      fmt::format("mb{}ic{}id{}ih{}iw{}", value_of(problem, "mb"), value_of(problem, "oc"),
                  value_of(problem, "od"), value_of(problem, "oh"), value_of(problem, "ow")));
  conv.set["folded"] = 1;
  Written folded{
      conv.name + " (batch norm, folded in)", std::move(norm), conv.set, conv.uses, {}, {}};
  conv.problem.values[field_of(*problem.layer, "bias")] = 0;
  nodes.push_back(std::move(conv));
  nodes.push_back(std::move(folded));
}

/// An embedding of constant places does not run, but it was a module.
Written lookup_of(const ModelNode& node) {
  Written written{node.name, parse_problem(find_layer("embedding"), node.lookup), {}, node.uses, {},
                  {}};
  written.set["batch"] = static_cast<double>(std::max<std::int64_t>(node.batch, 1));
  return written;
}

std::string least(const PublishedReport& report, const NetworkPrint& print) {
  return print.unknown() + report.not_understood == 0 ? "" : "at least ";
}

std::string signed_text(std::int64_t value) {
  return value < 0 ? "-" + grouped(-value) : "+" + grouped(value);
}

std::vector<report::Cell> print_cells(const PublishedReport& report, const NetworkPrint& print) {
  const std::string printed =
      print.failure.empty() ? least(report, print) + grouped(print.printed) : "nothing";
  return {{std::string(print.counter->name)},
          {std::string(print.quantity->unit)},
          {printed},
          {grouped(print.dense)},
          {print.failure.empty() ? signed_text(print.printed - print.dense) : "-"}};
}

/// What differs, and what has no number.
std::string groups_text(const NetworkPrint& print) {
  std::string text;
  for (const ShareGroup& group : grouped_shares(print)) {
    if (!group.failure.empty()) {
      text +=
          fmt::format("    {:>22}  {} x {}: {}\n", "?", group.nodes, group.layer, group.failure);
    } else if (group.printed != group.dense) {
      text += fmt::format("    {:>22}  {} x {}: {}\n", signed_text(group.printed - group.dense),
                          group.nodes, group.layer,
                          group.note.empty() ? "its rule adds what is no MAC" : group.note);
    }
  }
  if (print.fractions != 0) {
    text += fmt::format("    {:>22}  fractions of a sample\n", signed_text(print.fractions));
  }
  return text;
}

std::string assumptions(const PublishedReport& report) {
  std::string text =
      "  Read as PyTorch: + * / as operators, products of two activations as torch.matmul, layers "
      "with weights as\n  modules, others as modules where the file gives them a scope of their "
      "own.\n";
  if (report.folded_norms != 0) {
    text += fmt::format(
        "  {} convolutions had a batch norm folded in by the export, as the names of their weights "
        "say; counters see\n  the model before it: without that bias, with the norm.\n",
        report.folded_norms);
  }
  if (report.primitives != 0) {
    text += fmt::format(
        "  {} attentions are two products and a softmax function, as the file has "
        "them.\n",
        report.primitives);
  }
  if (report.lookups != 0) {
    text += fmt::format("  {} embeddings of constant places do not run, but are modules.\n",
                        report.lookups);
  }
  if (report.not_understood != 0) {
    text += fmt::format("  {} nodes are not understood, so every number is at least.\n",
                        report.not_understood);
  }
  return text;
}

nlohmann::json share_json(const NodeShare& share) {
  nlohmann::json object{{"name", share.node->name},
                        {"layer", share.node->problem.layer->name},
                        {"shape", share.node->problem.shape()},
                        {"uses", share.node->uses},
                        {"printed", share.printed},
                        {"dense", share.dense},
                        {"difference", share.difference()}};
  if (!share.node->set.empty()) {
    object["written"] = share.node->set;
  }
  if (!share.note.empty()) {
    object["note"] = share.note;
  }
  if (!share.failure.empty()) {
    object["printed"] = nullptr;
    object["difference"] = nullptr;
    object["failure"] = share.failure;
  }
  return object;
}

nlohmann::json group_json(const ShareGroup& group) {
  return {{"layer", group.layer},
          {"nodes", group.nodes},
          {"printed", group.printed},
          {"dense", group.dense},
          {"note", group.note},
          {"failure", group.failure},
          {"difference", group.printed - group.dense}};
}

nlohmann::json print_json(const PublishedReport& report, const NetworkPrint& print) {
  nlohmann::json object = quantity_json(*print.counter, *print.quantity);
  object["whole"] = print.unknown() + report.not_understood == 0;
  object["counted"] = {{"dense", print.dense}, {"in_bounds", print.in_bounds}};
  object["fractions"] = print.fractions;
  object["failure"] = print.failure;
  object["groups"] = nlohmann::json::array();
  object["nodes"] = nlohmann::json::array();
  if (print.failure.empty()) {
    object["printed"] = print.printed;
    object["difference"] = print.printed - print.dense;
  }
  for (const ShareGroup& group : grouped_shares(print)) {
    object["groups"].push_back(group_json(group));
  }
  for (const NodeShare& share : print.shares) {
    object["nodes"].push_back(share_json(share));
  }
  return object;
}

}  // namespace

std::vector<Written> as_written(const models::Model& model, PublishedReport& report) {
  const Paths paths(model);
  std::vector<Written> nodes;
  for (const ModelNode& node : model.nodes) {
    report.not_understood += node.understood() ? 0 : 1;
    if (!node.lookup.empty()) {
      nodes.push_back(lookup_of(node));
      ++report.lookups;
    }
    if (node.layer == nullptr || node.uses == 0) {
      continue;
    }
    const Formula formula = models::node_formula(node, Pass::forward);
    Written written{node.name,
                    {node.layer, node.values, ""},
                    settings_of(node, paths),
                    node.uses,
                    formula.dense,
                    formula.in_bounds};
    report.primitives += written.set.contains("primitives") ? 1 : 0;
    if (node.folded_norm && node.layer->name.starts_with("conv")) {
      append_unfolded(std::move(written), nodes);
      ++report.folded_norms;
    } else {
      nodes.push_back(std::move(written));
    }
  }
  return nodes;
}

PublishedReport published_report(const models::Model& model, Pass pass,
                                 const std::vector<const published::Counter*>& counters) {
  PublishedReport report;
  report.nodes = as_written(model, report);
  if (pass != Pass::forward) {
    for (Written& node : report.nodes) {
      const bool has = node.problem.layer->has(pass) && node.dense.macs != 0;
      const Formula formula = has ? node.problem.formula(pass) : Formula{};
      node.dense = formula.dense;
      node.in_bounds = formula.in_bounds;
    }
  }
  report.prints =
      published::network_prints(published::table(), counters, report.nodes, pass, model.samples);
  return report;
}

std::string published_text(const PublishedReport& report, const models::Model& model) {
  report::TextTable table{.columns = {{"counter", false, 16},
                                      {"its unit", false, 18},
                                      {"prints", true, 26},
                                      {"counted, dense", true, 20},
                                      {"difference", true, 20}}};
  for (const NetworkPrint& print : report.prints) {
    table.rows.push_back(print_cells(report, print));
  }
  std::string text =
      fmt::format("{}\n{}\n\n{}", model.path, model.format, report::to_text(table, 2));
  text += "\n  Where the differences come from; they sum to them.\n";
  for (const NetworkPrint& print : report.prints) {
    const std::string groups = groups_text(print);
    text += groups.empty()
                ? ""
                : fmt::format("\n  {}, {}\n{}", print.counter->name, print.quantity->unit, groups);
  }
  return text + "\n" + assumptions(report);
}

nlohmann::json published_json(const PublishedReport& report) {
  nlohmann::json all = nlohmann::json::array();
  for (const NetworkPrint& print : report.prints) {
    all.push_back(print_json(report, print));
  }
  return all;
}

}  // namespace flopmeter
