#include "results/report/chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "results/cell.h"
#include "results/report/describe_row.h"
#include "results/report/findings.h"
#include "results/report/layer_rate.h"
#include "results/report/roofline.h"
#include "results/report/scaling.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t most_bars = 240;  // the fastest layers; the table has more

Json number_or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

/// What the filters ask of a point or bar.
Json filtered_by(std::size_t environment, const auto& of) {
  return {{"environment", environment},
          {"layer", std::string(of.layer)},
          {"backend", std::string(of.backend)},
          {"dtype", std::string(of.dtype)},
          {"pass", std::string(of.pass)},
          {"threads", of.threads ? fmt::format("{}", *of.threads) : "?"},
          {"cache", std::string(of.cache)}};
}

/// Those of the rows that are drawn, as indices into ReportData::rows.
std::vector<std::size_t> drawn_of(const ReportData& data, const std::vector<std::size_t>& all) {
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (std::ranges::binary_search(all, data.rows[i].index)) {
      drawn.push_back(i);
    }
  }
  return drawn;
}

/// What the picture at the top shows: the rows that the findings are about, under their roofs.
Json first_of(const ReportData& data, std::size_t environment) {
  const FindingRows rows = finding_rows(data, environment);
  if (rows.all.empty()) {
    return {{"environment", environment}, {"rows", Json::array()}};
  }
  const BriefRow& record = data.all[rows.all.front()];
  return {{"environment", environment},
          {"setting", rows.setting},
          {"dtype", record.dtype.str()},
          {"cores", record.threads.value_or(1)},
          {"rows", drawn_of(data, rows.all)}};
}

Json point_of(const ReportData& data, std::size_t row) {
  const Record& record = data.rows[row].record;
  Json point = filtered_by(data.rows[row].environment, record);
  point["row"] = row;
  point["ok"] = record.status == "ok";
  point["operations"] = record.flops.value_or(0) > 0 ? Json(*record.flops) : Json();
  point["seconds"] = *record.seconds;
  point["gflops"] = number_or_null(record.gflops);
  point["intensity"] = number_or_null(record.intensity);
  point["lines"] = describe_row(data, row);
  return point;
}

Json rate_of(const LayerRate& rate) {
  Json bar = filtered_by(rate.environment, rate);
  bar["gflops"] = rate.gflops;
  bar["slowest"] = rate.slowest;
  bar["fastest"] = rate.fastest;
  bar["peak"] = number_or_null(rate.peak);
  bar["ok"] = rate.unsteady == 0;
  bar["value"] = fmt::format("{}{}", significant(rate.gflops, 4), rate.unsteady > 0 ? " ~" : "");
  bar["lines"] = {
      fmt::format("{} {}, {} {}, {} threads, {}", rate.layer, rate.pass, rate.backend, rate.dtype,
                  rate.threads.value_or(0), rate.cache),
      fmt::format("{} GFLOPS ({}), {} to {} by the samples", significant(rate.gflops, 4),
                  rate.convention, significant(rate.slowest, 4), significant(rate.fastest, 4)),
      rate.peak
          ? fmt::format("{} % of the peak, {} GFLOPS",
                        significant(100 * rate.gflops / *rate.peak, 3), significant(*rate.peak, 4))
          : "no peak was measured",
      fmt::format("{} cases, {} of them not steady", rate.cases, rate.unsteady)};
  return bar;
}

Json step_of_chart(const ReportData& data, const ScalingStep& step) {
  const BriefRow& row = data.all[step.row];
  const BriefRow& base = data.all[step.base];
  Json point = filtered_by(row.environment, row);
  point["ok"] = row.status == "ok" && base.status == "ok";
  point["ratio"] = static_cast<double>(*row.threads) / static_cast<double>(*base.threads);
  point["speedup"] = step.speedup;
  point["lines"] = {
      row.label.empty() ? full_name(row) : full_name(row) + " (" + row.label.str() + ")",
      fmt::format("{} instead of {} threads: {} times as fast, efficiency {} %", *row.threads,
                  *base.threads, significant(step.speedup, 3),
                  significant(100 * step.efficiency, 3)),
      fmt::format("time {} instead of {}", scaled_time(*row.seconds), scaled_time(*base.seconds)),
      "status " + row.status.str()};
  return point;
}

Json roofline_of(const Roofline& diagram) {
  Json roofs = Json::array();
  for (const Roof& roof : diagram.roofs) {
    roofs.push_back({{"label", roof.label},
                     {"meaning", roof.meaning},
                     {"bandwidth", roof.bandwidth},
                     {"cores", roof.cores},
                     {"value", roof.value},
                     {"from", {roof.from.intensity, roof.from.gflops}},
                     {"to", {roof.to.intensity, roof.to.gflops}}});
  }
  const auto decades = [](const Decades& d) {
    return Json{std::pow(10.0, d.first), std::pow(10.0, d.last)};
  };
  return {{"environment", diagram.environment},
          {"intensity", decades(diagram.intensity)},
          {"gflops", decades(diagram.gflops)},
          {"roofs", std::move(roofs)}};
}

}  // namespace

Json chart_data(const ReportData& data) {
  Json json{{"environments", Json::array()}, {"backends", backends_of(data)},
            {"marks", Json::array()},        {"points", Json::array()},
            {"rates", Json::array()},        {"scaling", Json::array()},
            {"rooflines", Json::array()},    {"first", Json::array()}};
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    json["environments"].push_back(letter(i) + ": " + data.environments[i].environment.cpu);
    json["first"].push_back(first_of(data, i));
  }
  for (std::size_t i = 0; i < json["backends"].size(); ++i) {
    json["marks"].push_back(series_path(i));
  }
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (timed(data.rows[i].record)) {
      json["points"].push_back(point_of(data, i));
    }
  }
  const std::vector<LayerRate> rates = layer_rates(data);
  for (const LayerRate& rate : std::span(rates).first(std::min(rates.size(), most_bars))) {
    json["rates"].push_back(rate_of(rate));
  }
  for (const ScalingStep& step : drawn_steps(scaling_steps(data))) {
    json["scaling"].push_back(step_of_chart(data, step));
  }
  for (const Roofline& diagram : rooflines(data)) {
    json["rooflines"].push_back(roofline_of(diagram));
  }
  return json;
}

}  // namespace flopmeter::report
