#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "results/cell.h"
#include "results/report/network_page.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t colours = 6;
constexpr std::size_t most_leaves = 400;  // of the treemap, those that take most time
constexpr double milli = 1e3;

/// A part of a row's time, in the order that bars have.
struct PartKind {
  std::string_view name, meaning;
  double RowParts::*seconds;
};
constexpr std::array<PartKind, 5> part_kinds{{
    {"at the roof", "the least time under peak and bandwidth, weights read from main memory",
     &RowParts::roof},
    {"kernel", "what kernels take beyond their roof, fused operations included", &RowParts::kernel},
    {"in place", "beyond the node alone and warm: cold weights and activations, given layouts",
     &RowParts::place},
    {"overhead", "calls too short for anything else, and reading the clock", &RowParts::overhead},
    {"layout", "reorders", &RowParts::layout},
}};

std::string share_text(double seconds, double whole) {
  return fmt::format("{}, {} % of the time", scaled_time(seconds),
                     significant(whole > 0 ? 100 * seconds / whole : 0, 3));
}

std::size_t series_of_layer(const std::vector<std::string>& layers, const std::string& layer) {
  const auto found = std::ranges::find(layers, layer);
  return std::min(static_cast<std::size_t>(found - layers.begin()), colours - 1);
}

Json layer_keys(const std::vector<std::string>& layers) {
  Json keys = Json::array();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    keys.push_back({{"name", layers[i]}, {"series", i}});
  }
  return keys;
}

/// A bar of a run, of parts with these names and seconds.
Json stacked(const ChainTimes& run,
             const std::vector<std::tuple<std::string, std::string, double>>& parts) {
  Json row{{"name", fmt::format("{}: {}", run.label, scaled_time(run.sum()))},
           {"parts", Json::array()}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& [name, meaning, seconds] = parts[i];
    if (seconds <= 0) {
      continue;
    }
    std::vector<std::string> lines{name, run.label, share_text(seconds, run.sum())};
    if (!meaning.empty()) {
      lines.push_back(meaning);
    }
    row["parts"].push_back(
        {{"value", milli * seconds},
         {"series", i},
         {"text", fmt::format("{} {} %", name, significant(100 * seconds / run.sum(), 2))},
         {"lines", lines}});
  }
  return row;
}

Json where_figure(const NetworkTimes& network, const std::vector<std::string>& layers) {
  Json figure{{"kind", "stack"},
              {"x", "ms of a run"},
              {"keys", layer_keys(layers)},
              {"rows", Json::array()}};
  for (const ChainTimes& run : network.runs) {
    std::vector<std::tuple<std::string, std::string, double>> parts;
    for (const std::string& layer : layers) {
      parts.emplace_back(layer, "", 0.0);
    }
    for (const ChainRow& row : run.rows) {
      std::get<2>(parts[std::min(series_of_layer(layers, row.layer), layers.size() - 1)]) +=
          row.seconds;
    }
    figure["rows"].push_back(stacked(run, parts));
  }
  return figure;
}

Json gap_figure(const NetworkTimes& network) {
  Json figure{
      {"kind", "stack"}, {"x", "ms of a run"}, {"keys", Json::array()}, {"rows", Json::array()}};
  for (std::size_t i = 0; i < part_kinds.size(); ++i) {
    figure["keys"].push_back({{"name", part_kinds[i].name}, {"series", i}});
  }
  for (const ChainTimes& run : network.runs) {
    std::vector<std::tuple<std::string, std::string, double>> parts;
    for (const PartKind& kind : part_kinds) {
      double seconds = 0;
      for (const ChainRow& row : run.rows) {
        seconds += parts_of(row).*kind.seconds;
      }
      parts.emplace_back(kind.name, kind.meaning, seconds);
    }
    figure["rows"].push_back(stacked(run, parts));
  }
  return figure;
}

std::vector<std::string> lines_of(const ChainTimes& run, const ChainRow& row) {
  std::vector<std::string> lines{row.name, fmt::format("{} {}", row.layer, row.shape),
                                 share_text(row.seconds, run.sum())};
  if (row.flops > 0) {
    lines.push_back(fmt::format("{} GFLOPS (exact in-bounds), {} % of its roof",
                                significant(row.gflops(), 4),
                                significant(100 * row.share_of_roof, 3)));
  }
  if (row.alone) {
    lines.push_back(fmt::format("{} alone and warm", scaled_time(*row.alone)));
  }
  lines.push_back(
      fmt::format("bound: {}{}", row.bound.empty() ? "not known" : row.bound,
                  row.after.empty() ? "" : fmt::format(", with {}", fmt::join(row.after, ", "))));
  return lines;
}

/// The first parts of a node's path, as many as are given; reorders and the clock are groups of their own.
std::string group_name(const ChainRow& row, std::size_t depth) {
  const std::vector<std::string> path = module_of(row.name);
  const auto parts = static_cast<std::ptrdiff_t>(std::min(path.size(), depth));
  return !row.node()    ? row.kind + "s"
         : path.empty() ? "(top)"
                        : fmt::format("{}", fmt::join(path.begin(), path.begin() + parts, "/"));
}

/// So many parts that no group has most of the time, if that can be.
std::size_t depth_of_groups(const ChainTimes& run) {
  constexpr std::size_t deepest = 3;
  constexpr double most = 0.6;
  for (std::size_t depth = 1; depth < deepest; ++depth) {
    std::map<std::string, double> seconds;
    for (const ChainRow& row : run.rows) {
      seconds[group_name(row, depth)] += row.seconds;
    }
    const auto largest =
        std::ranges::max_element(seconds, {}, [](const auto& group) { return group.second; });
    if (largest->second <= most * run.sum()) {
      return depth;
    }
  }
  return deepest;
}

/// What a leaf is called within its group.
std::string name_in_group(const ChainRow& row, const std::string& group) {
  const std::size_t at = row.name.find(group);
  const std::size_t behind = at == std::string::npos ? 0 : at + group.size();
  return !row.node()                                  ? row.layer
         : behind + 1 < row.name.size() && behind > 0 ? row.name.substr(behind + 1)
                                                      : row.name;
}

/// Modules, the nodes in them as leaves; small ones of a module together.
Json treemap_figure(const NetworkTimes& network, const std::vector<std::string>& layers) {
  const ChainTimes& run = network.runs.front();
  const std::size_t depth = depth_of_groups(run);
  std::vector<const ChainRow*> rows;
  for (const ChainRow& row : run.rows) {
    rows.push_back(&row);
  }
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [](const ChainRow* row) { return row->seconds; });
  std::map<std::string, Json> groups;
  std::map<std::string, double> small;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ChainRow& row = *rows[i];
    const std::string group = group_name(row, depth);
    groups.try_emplace(group, Json::array());
    if (i >= most_leaves || row.seconds <= 0) {
      small[group] += row.seconds;
      continue;
    }
    groups[group].push_back({{"name", name_in_group(row, group)},
                             {"value", milli * row.seconds},
                             {"series", series_of_layer(layers, row.layer)},
                             {"lines", lines_of(run, row)}});
  }
  Json children = Json::array();
  for (auto& [name, leaves] : groups) {
    if (small[name] > 0) {
      leaves.push_back(
          {{"name", "others"},
           {"value", milli * small[name]},
           {"series", colours - 1},
           {"lines", {name + ": all smaller ones", share_text(small[name], run.sum())}}});
    }
    if (!leaves.empty()) {
      children.push_back({{"name", name}, {"children", std::move(leaves)}});
    }
  }
  return {{"kind", "treemap"},
          {"tree", {{"name", ""}, {"children", std::move(children)}}},
          {"keys", layer_keys(layers)},
          {"caption", "area: time in place, " + run.label}};
}

Json roof_path(std::string name, std::string text, bool level, std::array<double, 2> from,
               std::array<double, 2> to) {
  return {{"class", "roof"},
          {"name", std::move(name)},
          {"text", std::move(text)},
          {"level", level},
          {"points", {from, to}}};
}

Json roofline_figure(const NetworkTimes& network, const std::vector<std::string>& layers) {
  const ChainTimes& run = network.runs.front();
  Json points = Json::array();
  double left = 1;
  double right = 1;
  for (const ChainRow& row : run.rows) {
    if (row.node() && row.flops > 0 && row.bytes > 0 && row.seconds > 0) {
      const double intensity = row.flops / row.bytes;
      left = std::min(left, intensity);
      right = std::max(right, intensity);
      std::vector<std::string> lines = lines_of(run, row);
      lines.push_back(fmt::format("intensity {} FLOP/byte", significant(intensity, 4)));
      points.push_back({{"x", intensity},
                        {"y", row.gflops()},
                        {"series", series_of_layer(layers, row.layer)},
                        {"lines", lines}});
    }
  }
  Json paths = Json::array();
  if (run.peak > 0 && run.bandwidth > 0) {
    const double peak = run.peak * 1e-9;
    const double bandwidth = run.bandwidth * 1e-9;
    const double ridge = peak / bandwidth;
    left = std::min(left, ridge / 10);
    right = std::max(right, ridge * 10);
    paths.push_back(roof_path(
        "DRAM", fmt::format("bandwidth of main memory, {} GB/s", significant(bandwidth, 4)), false,
        {left, left * bandwidth}, {ridge, peak}));
    paths.push_back(roof_path(network.dtype, fmt::format("peak, {} GFLOPS", significant(peak, 4)),
                              true, {ridge, peak}, {right, peak}));
  }
  return {
      {"kind", "scatter"},
      {"x", {{"label", "intensity, FLOP/byte"}, {"log", true}, {"decades", true}}},
      {"y", {{"label", "GFLOPS"}, {"log", true}, {"decades", true}}},
      {"points", points},
      {"paths", paths},
      {"keys", layer_keys(layers)},
      {"caption", run.label + "; above a roof: operands in caches, or a machine that others used"}};
}

}  // namespace

std::vector<std::string> named_layers(const NetworkTimes& network) {
  std::map<std::string, double> seconds;
  for (const ChainRow& row : network.runs.front().rows) {
    seconds[row.layer] += row.seconds;
  }
  std::vector<std::pair<std::string, double>> sorted(seconds.begin(), seconds.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const auto& one) { return one.second; });
  std::vector<std::string> names;
  for (const auto& [name, time] : sorted) {
    names.push_back(name);
  }
  if (names.size() > colours) {
    names.resize(colours - 1);
    names.emplace_back("others");
  }
  return names;
}

std::vector<std::string> module_of(const std::string& name) {
  const char between = name.find('/') != std::string::npos ? '/' : '.';
  std::vector<std::string> parts;
  std::string part;
  for (const char c : name) {
    if (c != between) {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::move(part));
      part.clear();
    }
  }
  return parts;
}

Json network_figures(const NetworkTimes& network) {
  const std::vector<std::string> layers = named_layers(network);
  return {{"where", where_figure(network, layers)},
          {"gap", gap_figure(network)},
          {"modules", treemap_figure(network, layers)},
          {"nodes-roofline", roofline_figure(network, layers)}};
}

}  // namespace flopmeter::report
