// How `flopmeter model --json` writes a report.
#include <fmt/format.h>

#include <map>

#include "app/counts_json.h"
#include "app/model.h"
#include "counters/convention.h"

namespace flopmeter {
namespace {

nlohmann::json macs_json(const OpCounts& dense, const OpCounts& in_bounds) {
  return {{"dense", dense.macs}, {"in_bounds", in_bounds.macs}};
}

/// The counts of a row are of all its uses.
nlohmann::json row_json(const ModelRow& row) {
  nlohmann::json json{{"name", row.name},
                      {"operation", row.operation},
                      {"path", row.path},
                      {"layer", row.layer},
                      {"shape", row.shape},
                      {"output", row.output},
                      {"uses", row.uses},
                      {"parameters", row.parameters()},
                      {"macs", macs_json(row.dense(), row.in_bounds())},
                      {"flops_exact", row.exact()},
                      {"bytes", row.bytes()}};
  if (!row.covers.empty()) {
    json["covers"] = std::vector<std::string>(row.covers.begin(), row.covers.end());
  }
  if (!row.reason.empty()) {
    json["reason"] = row.reason;
  }
  return json;
}

nlohmann::json weights_json(const models::Model& model) {
  nlohmann::json json = nlohmann::json::array();
  for (const models::WeightType& type : model.weights) {
    json.push_back({{"type", type.name}, {"elements", type.elements}, {"bytes", type.bytes()}});
  }
  return json;
}

nlohmann::json case_json(const models::ModelCase& one) {
  const Formula formula = models::node_formula(*one.nodes.front(), Pass::forward);
  return {{"layer", one.layer->name},
          {"shape", one.layer->print(one.values)},
          {"uses", one.uses},
          {"forward_macs_each", macs_json(formula.dense, formula.in_bounds)}};
}

nlohmann::json missing_json(const ModelRow& row) {
  return {{"name", row.name}, {"operation", row.operation}, {"reason", row.reason}};
}

/// All that is not a list of nodes.
nlohmann::json head_json(const ModelReport& report) {
  const auto exact = [](const OpCounts& c) { return find_convention("exact").reduce(c); };
  return {{"path", report.model.path},
          {"format", report.model.format},
          {"pass", report.pass},
          {"parameters", report.model.parameters},
          {"weights", weights_json(report.model)},
          {"macs", macs_json(report.totals.dense, report.totals.in_bounds)},
          {"flops_exact",
           {{"dense", exact(report.totals.dense)}, {"in_bounds", exact(report.totals.in_bounds)}}},
          {"operations",
           {{"dense", counts_json(report.totals.dense)},
            {"in_bounds", counts_json(report.totals.in_bounds)}}},
          {"whole", report.totals.whole},
          {"activation_bytes", json_or_null(report.activation_bytes())},
          {"activation_remark", report.model.activation_remark},
          {"bytes", report.totals.bytes},
          {"patterns", report.model.patterns},
          {"remarks", report.model.remarks}};
}

std::string indented(const nlohmann::json& json, std::size_t indent) {
  const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string moved;
  for (const char c : text) {  // a newline within a string is escaped
    moved += c;
    moved.append(c == '\n' ? indent : 0, ' ');
  }
  return moved;
}

/// A list of which each element is made when it is written.
class Elements {
 public:
  Elements(const TextSink& sink, std::size_t indent) : sink_(sink), indent_(indent) {}
  void add(const nlohmann::json& element) {
    sink_(fmt::format("{}\n{:{}}{}", empty_ ? "[" : ",", "", indent_ + 2,
                      indented(element, indent_ + 2)));
    empty_ = false;
  }
  void end() { sink_(empty_ ? "[]" : fmt::format("\n{:{}}]", "", indent_)); }

 private:
  const TextSink& sink_;
  std::size_t indent_;
  bool empty_ = true;
};

using WriteList = std::function<void(Elements&)>;

/// In the order of the names, as the library writes them.
std::map<std::string, WriteList> lists_of(const ModelReport& report) {
  return {{"nodes",
           [&](Elements& list) {
             for (const ModelRow& row : report.rows) {
               list.add(row_json(row));
             }
           }},
          {"cases",
           [&](Elements& list) {
             for (const models::ModelCase& one : models::distinct_cases(report.model)) {
               list.add(case_json(one));
             }
           }},
          {"not_understood", [&](Elements& list) {
             for (const ModelRow& row : report.rows) {
               if (!row.reason.empty()) {
                 list.add(missing_json(row));
               }
             }
           }}};
}

}  // namespace

void write_model_json(const ModelReport& report, const nlohmann::json& more, std::size_t indent,
                      const TextSink& sink) {
  nlohmann::json members = head_json(report);
  members.update(more);
  const auto lists = lists_of(report);
  for (const auto& [name, write] : lists) {
    members[name] = nullptr;  // its place
  }
  std::string_view before = "{";
  for (const auto& [name, value] : members.items()) {
    sink(fmt::format("{}\n{:{}}{}: ", before, "", indent + 2, nlohmann::json(name).dump()));
    if (const auto found = lists.find(name); found != lists.end()) {
      Elements list(sink, indent + 2);
      found->second(list);
      list.end();
    } else {
      sink(indented(value, indent + 2));
    }
    before = ",";
  }
  sink(fmt::format("\n{:{}}}}", "", indent));
}

}  // namespace flopmeter
