#include "results/report/roofline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "results/cell.h"
#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

constexpr double per_giga = 1e9;

/// A ceiling before it is drawn.
struct Ceiling {
  double value = 0;  // GFLOPS or GB/s
  std::string how;   // what was measured
};

/// By dtype or level, and cores.
using Ceilings = std::map<std::tuple<std::string, std::int64_t>, Ceiling>;

struct Measured {
  Ceilings peaks;
  Ceilings bandwidths;
};

void keep_highest(Ceilings& ceilings, const std::string& of, std::optional<std::int64_t> cores,
                  std::optional<double> per_second, const std::string& how) {
  if (!per_second || *per_second <= 0 || !cores) {
    return;
  }
  Ceiling& ceiling = ceilings[{of, *cores}];
  if (*per_second / per_giga > ceiling.value) {
    ceiling = {*per_second / per_giga, how};
  }
}

/// A ceiling that moved while it was measured says so.
std::string with_status(const std::string& how, const std::string& status) {
  return status == "noisy" ? how + " (noisy)" : how;
}

Measured of_machine(const Machine& machine) {
  Measured measured;
  for (const ThroughputRow& row : machine.throughput) {
    keep_highest(
        measured.peaks, row.dtype, row.cores, row.burst,
        with_status(row.instruction.empty() ? row.operation : row.instruction, row.status));
  }
  for (const BandwidthRow& row : machine.bandwidth) {
    if (row.operation == "load") {
      keep_highest(measured.bandwidths, row.level, row.cores, row.burst,
                   with_status(row.operation, row.status));
    }
  }
  return measured;
}

/// What was measured beside the samples of the rows.
Measured of_rows(const ReportData& data, std::size_t environment) {
  std::map<std::tuple<std::string, std::int64_t>, std::vector<double>> peaks;
  std::map<std::tuple<std::string, std::int64_t>, std::vector<double>> bandwidths;
  for (const BriefRow& record : data.all) {
    if (record.environment != environment || !record.threads) {
      continue;
    }
    if (record.peak_gflops.value_or(0) > 0) {
      peaks[{record.dtype, *record.threads}].push_back(*record.peak_gflops);
    }
    if (record.roof_gbytes_per_second.value_or(0) > 0 && !record.memory_level.empty()) {
      bandwidths[{record.memory_level, *record.threads}].push_back(*record.roof_gbytes_per_second);
    }
  }
  Measured measured;
  for (auto& [key, values] : peaks) {
    measured.peaks[key] = {median(values), "median of the rows"};
  }
  for (auto& [key, values] : bandwidths) {
    measured.bandwidths[key] = {median(values), "median of the rows"};
  }
  return measured;
}

std::string cores_text(std::int64_t cores) {
  return fmt::format("{} core{}", cores, cores == 1 ? "" : "s");
}

/// One core and all cores; what lies between would hide the points.
void keep_extremes(Ceilings& ceilings, std::int64_t most) {
  std::erase_if(ceilings, [&](const auto& entry) {
    const std::int64_t cores = std::get<1>(entry.first);
    return cores != 1 && cores != most;
  });
}

std::int64_t most_cores_of(const Measured& measured) {
  std::int64_t most = 1;
  for (const Ceilings* ceilings : {&measured.peaks, &measured.bandwidths}) {
    for (const auto& [key, ceiling] : *ceilings) {
      most = std::max(most, std::get<1>(key));
    }
  }
  return most;
}

/// The highest value for as many cores; 0: none.
double highest(const Ceilings& ceilings, std::int64_t cores) {
  double value = 0;
  for (const auto& [key, ceiling] : ceilings) {
    value = std::get<1>(key) == cores ? std::max(value, ceiling.value) : value;
  }
  return value;
}

std::vector<RooflinePoint> points_of(const ReportData& data, std::size_t environment) {
  std::vector<RooflinePoint> points;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const Record& record = data.rows[i].record;
    if (data.rows[i].environment == environment && record.gflops.value_or(0) > 0 &&
        record.intensity.value_or(0) > 0) {
      points.push_back({i, {*record.intensity, *record.gflops}});
    }
  }
  return points;
}

/// Peaks of other types, tiles of integers above all, would press the points into a corner. Without
/// points all stay.
void keep_types_of(Ceilings& peaks, std::span<const RooflinePoint> points, const ReportData& data) {
  std::set<std::string> dtypes;
  for (const RooflinePoint& point : points) {
    dtypes.insert(data.rows.at(point.row).record.dtype);
  }
  if (!dtypes.empty()) {
    std::erase_if(peaks,
                  [&](const auto& entry) { return !dtypes.contains(std::get<0>(entry.first)); });
  }
}

/// The decades that hold all points, peaks and the ridges, where both kinds of roofs meet.
void choose_decades(Roofline& diagram, const Measured& measured) {
  std::vector<double> intensities;
  std::vector<double> rates;
  for (const RooflinePoint& point : diagram.points) {
    intensities.push_back(point.at.intensity);
    rates.push_back(point.at.gflops);
  }
  for (const auto& [key, peak] : measured.peaks) {
    rates.push_back(peak.value);
  }
  for (const auto& [key, bandwidth] : measured.bandwidths) {
    const double peak = highest(measured.peaks, std::get<1>(key));
    if (peak > 0) {
      intensities.push_back(peak / bandwidth.value);
    }
    rates.push_back(bandwidth.value);  // at 1 FLOP/byte
  }
  diagram.intensity = decades_around(intensities);
  diagram.gflops = decades_around(rates);
}

double power_of_ten(int exponent) { return std::pow(10.0, exponent); }

void add_peaks(Roofline& diagram, const Measured& measured) {
  const double right = power_of_ten(diagram.intensity.last);
  for (const auto& [key, peak] : measured.peaks) {
    const auto& [dtype, cores] = key;
    const double fastest = highest(measured.bandwidths, cores);
    const double ridge = fastest > 0 ? peak.value / fastest : 0;
    const double left = std::max(ridge, power_of_ten(diagram.intensity.first));
    diagram.roofs.push_back(
        {.label = dtype,
         .meaning = fmt::format("{} peak, {}: {} GFLOPS ({})", dtype, cores_text(cores),
                                significant(peak.value, 4), peak.how),
         .bandwidth = false,
         .cores = cores,
         .value = peak.value,
         .from = {left, peak.value},
         .to = {right, peak.value}});
  }
}

void add_bandwidths(Roofline& diagram, const Measured& measured) {
  const double bottom = power_of_ten(diagram.gflops.first);
  for (const auto& [key, bandwidth] : measured.bandwidths) {
    const auto& [level, cores] = key;
    const double peak = highest(measured.peaks, cores);
    const double top = peak > 0 ? peak : power_of_ten(diagram.gflops.last);
    const double left = std::max(power_of_ten(diagram.intensity.first), bottom / bandwidth.value);
    const double right = std::min(power_of_ten(diagram.intensity.last), top / bandwidth.value);
    diagram.roofs.push_back(
        {.label = level,
         .meaning = fmt::format("{} {}, {}: {} GB/s", level, bandwidth.how, cores_text(cores),
                                significant(bandwidth.value, 4)),
         .bandwidth = true,
         .cores = cores,
         .value = bandwidth.value,
         .from = {left, left * bandwidth.value},
         .to = {right, right * bandwidth.value}});
  }
}

}  // namespace

Roofline roofline(const ReportData& data, std::size_t environment) {
  const std::optional<Machine>& machine = data.environments.at(environment).machine;
  Measured measured = machine ? of_machine(*machine) : of_rows(data, environment);
  Roofline diagram{.environment = environment,
                   .from_machine = machine.has_value(),
                   .most_cores = most_cores_of(measured),
                   .intensity = {},
                   .gflops = {},
                   .roofs = {},
                   .points = points_of(data, environment)};
  keep_types_of(measured.peaks, diagram.points, data);
  keep_extremes(measured.peaks, diagram.most_cores);
  keep_extremes(measured.bandwidths, diagram.most_cores);
  choose_decades(diagram, measured);
  add_peaks(diagram, measured);
  add_bandwidths(diagram, measured);
  return diagram;
}

std::vector<Roofline> rooflines(const ReportData& data) {
  std::vector<Roofline> diagrams;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    Roofline diagram = roofline(data, i);
    if (!diagram.points.empty() || !diagram.roofs.empty()) {
      diagrams.push_back(std::move(diagram));
    }
  }
  return diagrams;
}

}  // namespace flopmeter::report
