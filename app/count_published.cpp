#include "app/count_published.h"

#include <algorithm>

#include "app/text.h"
#include "kernels/bad_input.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

template <class Range, class All>
void select(std::string_view name, const Range& range, All& selected, bool& found) {
  for (const auto& one : range) {
    if (one.name == name || name == "all") {
      found = true;
      if (std::ranges::find(selected, &one) == selected.end()) {
        selected.push_back(&one);
      }
    }
  }
}

std::string known_names() {
  std::string known = "all";
  for (const Convention& convention : conventions()) {
    known += fmt::format(", {}", convention.name);
  }
  for (const published::Counter& counter : published::table().counters) {
    known += fmt::format(", {}", counter.name);
  }
  return known;
}

std::vector<report::Cell> printed_cells(const published::Row& row, bool first) {
  const published::Printed& printed = row.printed;
  const published::CounterComparison& counted = row.comparison;
  return {{first ? std::string(row.counter->name) : ""},
          {std::string(row.quantity->unit)},
          {printed.value ? grouped(*printed.value) : "-"},
          {grouped(counted.dense)},
          {std::string(counted.verdict)}};
}

std::string note(const published::Row& row) {
  std::string text = row.quantity->convention == "params" ? "" : row.printed.notes();
  if (row.quantity->convention == "params" && row.comparison.verdict != "exact") {
    text = row.counter->params_note;
  }
  return text;
}

/// "thop: what is wrong", each note once. A counter's own note stands for every layer.
std::string notes(const std::vector<published::Row>& rows) {
  std::string text;
  const auto add = [&](const std::string& counter, const std::string& says) {
    const std::string entry = fmt::format("  {}: {}\n", counter, says);
    if (!says.empty() && text.find(entry) == std::string::npos) {
      text += entry;
    }
  };
  for (const published::Row& row : rows) {
    add(row.counter->name, row.counter->note);
    add(row.counter->name, note(row));
  }
  return text;
}

}  // namespace

SelectedConventions select_conventions(const std::vector<std::string>& names) {
  SelectedConventions selected;
  for (const std::string& name : names) {
    bool found = false;
    select(name, conventions(), selected.own, found);
    select(name, published::table().counters, selected.counters, found);
    if (!found) {
      bad_input("unknown convention '{}': one of {}", name, known_names());
    }
  }
  if (names.empty()) {
    bool found = false;
    select("all", conventions(), selected.own, found);
  }
  return selected;
}

nlohmann::json quantity_json(const published::Counter& counter,
                             const published::Quantity& quantity) {
  return {{"counter", counter.name},           {"project", counter.project},
          {"version", counter.version},        {"url", counter.url},
          {"quantity", quantity.name},         {"unit", quantity.unit},
          {"convention", quantity.convention}, {"printed", nullptr}};
}

nlohmann::json published_json(const std::vector<published::Row>& rows) {
  nlohmann::json all = nlohmann::json::array();
  for (const published::Row& row : rows) {
    nlohmann::json json = quantity_json(*row.counter, *row.quantity);
    json["counted"] = {{"dense", row.comparison.dense}, {"in_bounds", row.comparison.in_bounds}};
    json["factor"] = nullptr;
    json["verdict"] = row.comparison.verdict;
    json["note"] = note(row);
    json["rule"] = row.printed.sources();
    if (row.printed.value) {
      json["printed"] = *row.printed.value;
    }
    if (row.comparison.factor) {
      json["factor"] = *row.comparison.factor;
    }
    all.push_back(std::move(json));
  }
  return all;
}

std::string published_text(const std::vector<published::Row>& rows) {
  if (rows.empty()) {
    return "";
  }
  report::TextTable table{.columns = {{"counter", false, 16},
                                      {"its unit", false, 18},
                                      {"prints", true, 16},
                                      {"counted, dense", true, 16},
                                      {"verdict"}}};
  const published::Counter* last = nullptr;
  for (const published::Row& row : rows) {
    table.rows.push_back(printed_cells(row, row.counter != last));
    last = row.counter;
  }
  const std::string below = notes(rows);
  return "\n" + report::to_text(table, 2) + (below.empty() ? "" : "\n" + below);
}

}  // namespace flopmeter
