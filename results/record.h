// The record: one row of results, and the one list of its fields that every writer walks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flopmeter {

/// One timed (or refused) case. Numbers that were not measured are empty, never zero or NaN.
struct Record {
  std::string name;   // layer/pass/backend/dtype/shape
  std::string label;  // where the shape comes from, "resnet50:conv1"
  std::string layer;
  std::string pass;
  std::string backend;
  std::string dtype;
  std::string shape;
  std::optional<std::int64_t> threads;
  std::string cache;   // warm | cold
  std::string layout;  // in which the activations were given, where it was chosen: "acdb"
  std::string status;  // ok | failed | unavailable | noisy | mistrusted
  std::string reason;  // one line, empty when ok

  std::optional<std::int64_t> parameters;
  std::optional<std::int64_t> macs_dense;
  std::optional<std::int64_t> macs_in_bounds;
  std::optional<std::int64_t> flops;  // operations that the rates are about
  std::string convention;             // how `flops` counts: "flop2 in-bounds"; also how GFLOPS do
  std::optional<std::int64_t> bytes;  // compulsory traffic: every operand once

  std::optional<double> seconds;      // median of the samples, for one call
  std::optional<double> spread;       // (largest - smallest) / median of the samples
  std::optional<double> deviation;    // half of the samples lie within this share of their median
  std::vector<double> samples;        // seconds for one call, one a repetition
  std::optional<std::int64_t> calls;  // calls that each sample averages over
  std::optional<std::int64_t> attempts;     // times it was measured until it was not noisy
  std::optional<double> gflops;             // flops / seconds / 1e9, empty where flops are 0
  std::optional<double> gmacs_per_second;   // in-bounds MACs / seconds / 1e9
  std::optional<double> gbytes_per_second;  // bytes / seconds / 1e9
  std::optional<double> intensity;          // flops / bytes
  std::optional<double> peak_gflops;        // median of the interleaved calibrations
  std::optional<double> peak_spread;        // (largest - smallest) / median of the calibrations
  std::optional<double> peak_deviation;     // as deviation, of the calibrations
  std::vector<double> peak_samples;         // GFLOPS, or 10^9 operations/s, beside each sample
  std::string peak_instruction;             // what the calibration executed
  std::optional<double> percent_of_peak;    // median of gflops / peak, sample by sample

  std::string memory_level;                      // where the operands fit: L1, L2, L3, DRAM
  std::optional<double> roof_gbytes_per_second;  // median of the interleaved bandwidths
  std::vector<double> roof_samples;              // GB/s beside each sample
  std::optional<double> attainable_gflops;       // the lower one of both roofs
  std::optional<double> percent_of_attainable;   // time under the roofs / time, sample by sample
  std::optional<double> overhead_seconds;        // the least that a call of the backend takes
  std::string bound;  // compute | L2 | DRAM | overhead | lanes | ... in words

  std::optional<double> other_cores;  // that worked for other processes meanwhile, on average

  std::optional<double> max_error;  // |y - truth| of the element that used most of its tolerance
  std::optional<double> tolerance;  // what was allowed at that element
  std::string implementation;       // the backend's own word for what it ran
  std::string command;              // reproduces this row

  std::string executed;                       // the ratio and its factors, or why there is no count
  std::optional<std::int64_t> executed_macs;  // lanes that masks let through
  std::optional<std::int64_t> executed_macs_full;  // all lanes of the registers
  std::optional<std::int64_t> executed_flops;      // exact, lanes that masks let through
  std::optional<std::int64_t> executed_flops_full;
  std::optional<std::int64_t> executed_instructions;
  std::optional<double> executed_ratio;  // MACs, or operations, / dense formula
  std::optional<std::int64_t>
      executed_unexplained;                    // what the factors leave, in MACs or operations
  std::optional<double> fma_share;             // multiplies done in FMA
  std::optional<double> instructions_per_mac;  // of any kind / executed_macs
  std::optional<double> lane_use;              // active / full lanes of all arithmetic

  std::string retired;  // the CPU's own count against it, or why there is none
  std::optional<std::int64_t> retired_flops;     // by the rule of the CPU's events
  std::optional<std::int64_t> retired_expected;  // what was executed, by the same rule
};

using RecordMember = std::variant<std::string Record::*, std::optional<std::int64_t> Record::*,
                                  std::optional<double> Record::*, std::vector<double> Record::*>;

/// One field: its key in JSON and CSV, its unit, its heading in tables (empty: not in tables).
struct RecordField {
  std::string_view key;
  std::string_view unit;
  std::string_view heading;
  RecordMember member;
};

/// Every field, in the order of every output.
std::span<const RecordField> record_fields();

}  // namespace flopmeter
