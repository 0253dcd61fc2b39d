// The pages of networks, plans and fleets, from numbers made by hand.
#include <gmock/gmock.h>

#include <random>

#include "results/report/count_against_time.h"
#include "results/report/drawn_rows.h"
#include "results/report/fleet_page.h"
#include "results/report/network_page.h"
#include "results/report/plan_page.h"

namespace flopmeter::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Record made_row(const std::string& layer, const std::string& shape, double seconds,
                std::int64_t threads = 1) {
  Record row;
  row.layer = layer;
  row.shape = shape;
  row.pass = "forward";
  row.backend = layer == "network" ? "chain" : "onednn";
  row.dtype = "f32";
  row.name = layer + "/forward/" + row.backend + "/f32/" + shape;
  row.threads = threads;
  row.cache = "warm";
  row.status = "ok";
  row.flops = 1000;
  row.seconds = seconds;
  row.samples = {seconds};
  row.peak_gflops = 100;
  row.percent_of_attainable = 50;
  return row;
}

SourceFile made_file(const std::string& name, const std::string& cpu, std::vector<Record> rows) {
  StoredResults results;
  Environment environment;
  environment.cpu = cpu;
  results.environments.push_back({cpu, environment});
  for (Record& row : rows) {
    results.records.push_back({cpu, std::move(row)});
  }
  return {name, results};
}

// Against every pair, one by one: what is counted in n log n must be the same.
TEST(CountAgainstTime, IsWhatEveryPairSays) {
  std::mt19937 random(1);
  std::vector<Record> rows;
  for (int i = 0; i < 60; ++i) {
    Record row = made_row("linear", std::to_string(i), 1.0 + static_cast<double>(random() % 20));
    row.flops = 1 + static_cast<std::int64_t>(random() % 20);
    row.samples = {*row.seconds * 0.9, *row.seconds, *row.seconds * 1.1};
    rows.push_back(row);
  }
  rows[7].samples.clear();
  const std::vector<SourceFile> files{made_file("a", "one", rows)};
  const Order order = counts_against_times(merge(files)).at(0).all;
  std::int64_t pairs = 0;
  std::int64_t inverted = 0;
  std::int64_t clearly = 0;
  double worst = 0;
  for (const Record& fewer : rows) {
    for (const Record& more : rows) {
      if (*fewer.flops >= *more.flops) {
        continue;
      }
      ++pairs;
      if (*fewer.seconds > *more.seconds) {
        ++inverted;
        clearly += !fewer.samples.empty() && !more.samples.empty() &&
                           fewer.samples.front() > more.samples.back()
                       ? 1
                       : 0;
        worst =
            std::max(worst, static_cast<double>(*more.flops) / static_cast<double>(*fewer.flops) *
                                *fewer.seconds / *more.seconds);
      }
    }
  }
  EXPECT_EQ(order.pairs, pairs);
  EXPECT_EQ(order.inverted, inverted);
  EXPECT_EQ(order.clearly, clearly);
  ASSERT_EQ(order.worst.size(), 3U);
  EXPECT_DOUBLE_EQ(order.worst[0].count_ratio * order.worst[0].time_ratio, worst);
}

// Prevents a page that draws what a file happens to begin with, or no row that is not ok.
TEST(DrawnRows, AreOfAllGroupsAndReachBothEnds) {
  std::vector<Record> rows;
  for (int i = 0; i < 1000; ++i) {
    Record row = made_row(i % 2 == 0 ? "linear" : "relu", std::to_string(i), 1);
    row.percent_of_attainable = i / 10.0;
    row.status = i % 100 == 0 ? "noisy" : "ok";
    rows.push_back(row);
  }
  const std::vector<SourceFile> files{made_file("a", "one", rows)};
  const ReportData data = merge(files, {.rows = 40});
  EXPECT_EQ(data.all.size(), 1000U);
  EXPECT_LE(data.rows.size(), 40U);
  EXPECT_GE(data.rows.size(), 35U);
  std::map<std::string, std::vector<double>> shares;
  int noisy = 0;
  for (const ReportRow& row : data.rows) {
    shares[row.record.layer].push_back(*row.record.percent_of_attainable);
    noisy += row.record.status == "noisy" ? 1 : 0;
    EXPECT_EQ(full_name(data.all[row.index]), row.record.name);
  }
  EXPECT_GE(noisy, 4);
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares["linear"].front(), 0.0);
  EXPECT_EQ(shares["linear"].back(), 99.8);
  EXPECT_THAT(left_out_text(data), HasSubstr("of 1,000 rows are drawn"));
}

Json chain_json() {
  return Json::parse(R"({"path": "net.onnx", "dtype": "f32", "threads": 1, "batch": 2,
    "latency_seconds": 0.011, "latency_interval_seconds": [0.010, 0.012], "runs": 9,
    "peak_flops_per_second": 1e11, "bandwidth_bytes_per_second": 1e10, "inferences_per_second": 180,
    "agreement": {"agrees": true, "max_error": 1e-6, "tolerance": 1e-4},
    "nodes": [
      {"name": "/block1/conv", "kind": "node", "layer": "conv2d", "shape": "s", "seconds": 0.006,
       "share_of_roof": 0.5, "alone_warm_seconds": 0.005, "flops": 3e8, "bound": "compute",
       "bytes": {"weights": 1e6, "read": 2e6, "written": 1e6}},
      {"name": "/block2/fc", "kind": "node", "layer": "linear", "shape": "s", "seconds": 0.003,
       "share_of_roof": 0.2, "alone_warm_seconds": null, "flops": 1e7, "bound": "overhead",
       "bytes": {"weights": 1e6, "read": 1e3, "written": 1e3}},
      {"name": "reorder of x", "kind": "reorder", "layer": "reorder", "seconds": 0.001},
      {"name": "clock", "kind": "clock", "layer": "clock", "seconds": 0.0005}]})");
}

// Prevents a decomposition that loses or invents time.
TEST(NetworkTimes, PartsOfARowAddUpToIt) {
  const NetworkTimes network = network_times(chain_json(), "x.json");
  ASSERT_EQ(network.runs.size(), 1U);
  for (const ChainRow& row : network.runs[0].rows) {
    const RowParts p = parts_of(row);
    EXPECT_NEAR(p.roof + p.kernel + p.place + p.overhead + p.layout, row.seconds, 1e-12)
        << row.name;
  }
  const RowParts conv = parts_of(network.runs[0].rows[0]);
  EXPECT_NEAR(conv.roof, 0.003, 1e-12);
  EXPECT_NEAR(conv.kernel, 0.002, 1e-12);
  EXPECT_NEAR(conv.place, 0.001, 1e-12);
  EXPECT_NEAR(parts_of(network.runs[0].rows[1]).overhead, 0.0024, 1e-12);
  EXPECT_NEAR(parts_of(network.runs[0].rows[2]).layout, 0.001, 1e-12);
  EXPECT_EQ(network.agreement.substr(0, 6), "agrees");
}

TEST(NetworkTimes, WhatIsMissingIsNamed) {
  Json json = chain_json();
  json["nodes"][0].erase("seconds");
  try {
    network_times(json, "x.json");
    FAIL();
  } catch (const CannotRead& error) {
    EXPECT_THAT(error.what(), HasSubstr("'x.json'"));
    EXPECT_THAT(error.what(), HasSubstr("seconds"));
  }
  EXPECT_FALSE(is_network_times(Json::parse(R"({"plans": []})")));
  EXPECT_TRUE(is_network_times(chain_json()));
}

// Prevents runs of other sizes, or that disagree, from standing under the first one's name.
TEST(NetworkTimes, EverySetHasItsSizesAndItsCheck) {
  Json json = chain_json();
  Json second = chain_json();
  json["dims"] = {{"frames", 1}};
  second["dims"] = {{"frames", 3}};
  second["agreement"] = {{"agrees", false}, {"max_error", 0.5}, {"tolerance", 1e-4}};
  json["sets"] = Json::array({json, second});
  const NetworkTimes network = network_times(json, "x.json");
  ASSERT_EQ(network.runs.size(), 2U);
  EXPECT_EQ(network.runs[0].label, "batch 2, 1 thread");
  EXPECT_EQ(network.runs[1].label, "batch 2 of --dim frames=3, 1 thread");
  EXPECT_THAT(network.agreement, HasSubstr("DISAGREES"));
  EXPECT_THAT(network.agreement, HasSubstr("0.500 of 0.000100"));
  EXPECT_THAT(network_page(network), HasSubstr("of --dim frames=3"));
  second.erase("agreement");
  json["sets"] = Json::array({json, second});
  EXPECT_THAT(network_times(json, "x.json").agreement, HasSubstr("1 of 2 sets"));
}

TEST(NetworkPage, SaysWhereTheTimeGoes) {
  Json json = chain_json();
  json["nodes"][0]["name"] = "</script><script>alert(1)</script>";
  const std::string page = network_page(network_times(json, "x.json"));
  EXPECT_THAT(page, HasSubstr("conv2d 57.1&nbsp;%"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  const Json figures = network_figures(network_times(chain_json(), "x.json"));
  EXPECT_EQ(figures["nodes-roofline"]["points"].size(), 2U);
  EXPECT_EQ(figures["gap"]["rows"][0]["parts"].size(), 5U);
  EXPECT_THAT(module_of("/a/b.1/c"), ElementsAre("a", "b.1"));
  EXPECT_THAT(module_of("a.b.c"), ElementsAre("a", "b"));
}

Json plan_json_of(std::vector<std::array<double, 3>> runs) {
  Json json{{"model", "net.onnx"},
            {"plans", Json::array()},
            {"changes", Json::array()},
            {"not_predicted", Json::array()},
            {"unfused", ""},
            {"in_caches", ""},
            {"inference", " of --dim frames=3"},
            {"intervals", "90 %, from 7 points"},
            {"unproved", ""},
            {"left_out", "reorders"}};
  for (const auto& [batch, seconds, price] : runs) {
    json["plans"].push_back({{"machine", "m.json"},
                             {"threads", 1},
                             {"batch", static_cast<int>(batch)},
                             {"dtype", "f32"},
                             {"predicted_seconds", seconds},
                             {"interval_seconds", {0.9 * seconds, 1.1 * seconds}},
                             {"level", 0.9},
                             {"inferences_per_second", batch / seconds},
                             {"memory_bytes", 1e6},
                             {"share_outside_points", 0.37},
                             {"share_approximated", 0.0},
                             {"whole", true},
                             {"cost_per_million", price},
                             {"measured_seconds", nullptr},
                             {"bound", "compute"},
                             {"pareto", true},
                             {"meets", seconds < 1 ? "yes" : "no"}});
  }
  return json;
}

// (1, 0.1): 10/s, (4, 0.3): 13.3/s, (2, 0.4): 5/s is slower and does less, (8, 2): 4/s as well.
TEST(PlanPage, FrontIsWhatNothingElseBeats) {
  const PlanTable plan =
      plan_table(plan_json_of({{4, 0.3, 3}, {1, 0.1, 2}, {2, 0.4, 9}, {8, 2, 1}}), "p.json");
  EXPECT_THAT(front_of(plan.runs), ElementsAre(1U, 0U));
  const std::string page = plan_page(plan);
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">cheapest</th><td><b>2.000 for a million"));
  EXPECT_THAT(page, HasSubstr("\"kind\":\"scatter\""));
  EXPECT_THAT(page, HasSubstr("is one of --dim frames=3"));
  EXPECT_THAT(page, HasSubstr("Not in it: reorders"));
  EXPECT_THAT(page, HasSubstr("90&nbsp;%, from 7 points"));
  EXPECT_THAT(page, HasSubstr("data-value=\"37\">37.0 %</td>"));
  EXPECT_THROW(plan_table(Json::parse(R"({"plans": [{"machine": "a"}]})"), "p.json"), CannotRead);
  EXPECT_THROW(plan_table(Json::parse(R"({"plans": []})"), "p.json"), CannotRead);
}

// Two kinds, one of them on two nodes of which one is slow; B is twice as fast in the one case in common.
TEST(Fleet, KindsCasesAndOutliers) {
  Record slow = made_row("linear", "b", 2);
  slow.peak_gflops = 70;
  Record missing = made_row("linear", "c", 1);
  missing.status = "failed";
  missing.seconds.reset();
  const std::vector<SourceFile> files{
      made_file("f/amx-0.jsonl", "A",
                {made_row("linear", "a", 4), made_row("linear", "x", 4),
                 made_row("network", "net_batch2", 0.03)}),
      made_file("f/amx-1.jsonl", "A", {slow}),
      made_file("f/avx2-0.jsonl", "B",
                {made_row("linear", "a", 2), missing, made_row("network", "net_batch2", 0.01),
                 made_row("network", "net_batch2", 0.008, 2)})};
  const ReportData data = merge(files, {.rows = 0});
  const FleetQuestion question{.target_latency = 0.05, .prices = {{"amx", 1.0}, {"B", 9.0}}};
  const Fleet fleet = fleet_of(data, question);
  ASSERT_EQ(fleet.kinds.size(), 2U);
  EXPECT_EQ(fleet.kinds[1].failed, 1U);
  EXPECT_EQ(fleet.kinds[0].price, 1.0);
  EXPECT_EQ(fleet.kinds[1].price, 9.0);
  ASSERT_EQ(fleet.nodes.size(), 3U);
  EXPECT_FALSE(fleet.nodes[0].outlier);
  EXPECT_TRUE(fleet.nodes[1].outlier);
  EXPECT_NEAR(fleet.nodes[1].ratio, 0.7, 1e-6);
  EXPECT_DOUBLE_EQ(cost_of_million(3600, 0.5, 2), 250000);
  EXPECT_EQ(batch_of("net_batch12"), 12);
  EXPECT_EQ(batch_of("net"), 1);
  const std::string page = fleet_page(data, question);
  // 1 x 0.03 / 2 / 3600 x 10^6 = 4.167 on A, 9 x 0.008 / 2 / 3600 x 10^6 = 10 on B.
  EXPECT_THAT(page, HasSubstr(">4.167</td>"));
  EXPECT_THAT(page, HasSubstr(">10.00</td>"));
  EXPECT_THAT(page, HasSubstr("1 of 3 nodes"));
}

}  // namespace
}  // namespace flopmeter::report
