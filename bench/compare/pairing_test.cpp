#include "bench/compare/pairing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <type_traits>

#include "bench/compare/paired_rows.h"
#include "bench/compare/shift.h"
#include "kernels/bad_input.h"

namespace flopmeter::compare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Record timed(const std::string& backend, double seconds, const std::string& status = "ok") {
  Record record;
  record.layer = "linear";
  record.backend = backend;
  record.pass = "forward";
  record.dtype = "f32";
  record.shape = "mb1ic2oc3";
  record.name = "linear/forward/" + backend + "/f32/mb1ic2oc3";
  record.threads = 1;
  record.cache = "warm";
  record.status = status;
  record.seconds = seconds;
  record.samples = {seconds};
  return record;
}

Record refused(const std::string& backend, const std::string& status, const std::string& reason) {
  Record record = timed(backend, 1, status);
  record.reason = reason;
  record.seconds.reset();
  record.samples.clear();
  return record;
}

template <class T>
Environment with(T Environment::*member, const std::type_identity_t<T>& value) {
  Environment environment;
  environment.*member = value;
  return environment;
}

StoredResults file(std::vector<Record> records, const Environment& environment = {}) {
  StoredResults results;
  results.environments.push_back({"e", environment});
  for (Record& record : records) {
    results.records.push_back({"e", std::move(record)});
  }
  return results;
}

double seconds(const Row& row) { return *row.record->seconds; }

// Prevents a row that a resumed run replaced from being compared.
TEST(Pairing, TheLastAnsweredRowOfACaseCounts) {
  const StoredResults a =
      file({timed("eigen", 1, "noisy"), timed("eigen", 2), timed("eigen", 3, "noisy")});
  const StoredResults b = file({timed("eigen", 4, "noisy"), timed("eigen", 5, "noisy")});
  const Paired pairing = paired_rows(a, b);
  ASSERT_EQ(pairing.pairs.size(), 1);
  EXPECT_EQ(seconds(pairing.pairs.front().a), 2);
  EXPECT_EQ(seconds(pairing.pairs.front().b), 5);
}

TEST(Pairing, ThreadsAndCacheTellCasesApart) {
  Record threads = timed("eigen", 2);
  threads.threads = 2;
  Record cold = timed("eigen", 3);
  cold.cache = "cold";
  const StoredResults a = file({timed("eigen", 1), threads, cold});
  const StoredResults b = file({cold, threads});
  const Paired pairing = paired_rows(a, b);
  ASSERT_EQ(pairing.pairs.size(), 2);
  EXPECT_EQ(seconds(pairing.pairs[0].b), 2);
  EXPECT_EQ(seconds(pairing.pairs[1].b), 3);
  ASSERT_EQ(pairing.unpaired.size(), 1);
  EXPECT_EQ(pairing.unpaired.front().second, "only in a");
}

// Prevents a case that stopped working from vanishing.
TEST(Pairing, WhatWasNotTimedIsSaid) {
  const StoredResults a = file({timed("eigen", 1), timed("onednn", 1)});
  const StoredResults b = file({refused("onednn", "failed", "nan"), timed("reference", 1)});
  std::vector<std::string> reasons;
  for (const auto& [row, reason] : paired_rows(a, b).unpaired) {
    reasons.push_back(reason);
  }
  EXPECT_THAT(reasons, ElementsAre("only in a", "b: failed: nan", "only in b"));
}

TEST(Pairing, ByAField) {
  const StoredResults run = file({timed("eigen", 1), timed("onednn", 2), timed("reference", 3)});
  const Paired pairing = paired_rows(run, run, parse_by("backend=onednn,eigen"));
  ASSERT_EQ(pairing.pairs.size(), 1);
  EXPECT_EQ(seconds(pairing.pairs.front().a), 2);
  EXPECT_EQ(seconds(pairing.pairs.front().b), 1);
  EXPECT_THAT(pairing.unpaired, IsEmpty());
}

TEST(Pairing, ByIsa) {
  StoredResults run = file({timed("onednn", 1)});
  run.environments.push_back(
      {"avx2", with(&Environment::variables, {{"ONEDNN_MAX_CPU_ISA", "AVX2"}})});
  run.records.push_back({"avx2", timed("onednn", 2)});
  const Paired pairing = paired_rows(run, run, parse_by("isa=default,AVX2"));
  ASSERT_EQ(pairing.pairs.size(), 1);
  EXPECT_EQ(seconds(pairing.pairs.front().b), 2);
  EXPECT_THAT(differences(pairing.pairs),
              ElementsAre(Difference{"variables", "", "ONEDNN_MAX_CPU_ISA AVX2"}));
}

TEST(Pairing, ByIsChecked) {
  for (const char* text : {"", "backend", "backend=eigen", "backend=eigen,eigen", "shape=1,2",
                           "backend=eigen,onednn,reference"}) {
    EXPECT_THROW(parse_by(text), BadInput) << text;
  }
}

TEST(Pairing, EnvironmentsThatDiffer) {
  const StoredResults a =
      file({timed("eigen", 1), timed("onednn", 1)}, with(&Environment::commit, "x"));
  const StoredResults b =
      file({timed("eigen", 1), timed("onednn", 1)}, with(&Environment::commit, "y"));
  EXPECT_THAT(differences(paired_rows(a, b).pairs), ElementsAre(Difference{"commit", "x", "y"}));
  EXPECT_TRUE(same_machine(paired_rows(a, b).pairs.front()));
  const StoredResults other = file({timed("eigen", 1)}, with(&Environment::cpu_id, "6-85"));
  EXPECT_FALSE(same_machine(paired_rows(a, other).pairs.front()));
}

/// A row that reaches half of its peak.
Record computing(double seconds, double peak) {
  Record record = timed("eigen", seconds);
  record.samples = {seconds, seconds};
  record.peak_samples = {peak, peak};
  record.percent_of_peak = 50;
  return record;
}

// Prevents the times of two instructions, machines or memory-bound kernels from being bent by a
// peak that is not theirs.
TEST(Shift, IsNormalisedWhereTheCaseFollowsThePeak) {
  const auto shift_of = [](const Record& a, const Record& b) {
    const StoredResults from = file({a});
    const StoredResults to = file({b});
    return shift(paired_rows(from, to).pairs.front(), true);
  };
  constexpr double rounding = 1e-12;
  const Shift same = shift_of(computing(1, 100), computing(2, 50));
  EXPECT_TRUE(same.normalised);
  EXPECT_NEAR(same.time, 0, rounding);
  EXPECT_NEAR(same.peak, std::log(0.5), rounding);
  EXPECT_NEAR(same.drift, std::log(0.5) / 3, rounding);
  Record memory = computing(2, 50);
  memory.bound = "DRAM";
  const Shift bound = shift_of(computing(1, 100), memory);
  EXPECT_FALSE(bound.normalised);
  EXPECT_NEAR(bound.time, std::log(2), rounding);
  EXPECT_NEAR(bound.drift, std::log(0.5), rounding);
  Record other = computing(2, 50);
  other.peak_instruction = "vdpbf16ps zmm";
  EXPECT_FALSE(shift_of(computing(1, 100), other).normalised);
  EXPECT_EQ(shift_of(computing(1, 100), other).drift, 0);
}

}  // namespace
}  // namespace flopmeter::compare
