// Runs that no machine made, for tests: what differs between them is known exactly.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/compare/pairing.h"
#include "statistics/statistics.h"

namespace flopmeter::compare {

/// Standard normal values that are the same with every standard library.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : bits_(seed) {}

  double operator()() {
    double sum = -6;  // twelve uniform values: mean 6, variance 1
    for (int i = 0; i < 12; ++i) {
      sum += static_cast<double>(bits_() >> 11) * 0x1p-53;
    }
    return sum;
  }

 private:
  std::mt19937_64 bits_;
};

/// Two backends, four layers, five shapes: 40 cases.
struct Grid {
  double between = 0.02;   // deviation of a case from run to run, of each run
  double jumping = 1;      // times `between`, for one case in ten, chosen anew in each run
  double within = 0.01;    // of the samples of a run
  double shortest = 1e-6;  // seconds of the first shape
  double clock = 0;        // of the peak from sample to sample; time follows it
  std::map<std::string, double> slower = {};  // factor of a backend, or of a case by its name
};

inline double factor(const Grid& grid, const std::string& name) {
  const auto found = grid.slower.find(name);
  return found == grid.slower.end() ? 1 : found->second;
}

inline Record synthetic_record(const Grid& grid, const std::string& layer,
                               const std::string& backend, int shape, Normal& normal) {
  Record record;
  record.layer = layer;
  record.backend = backend;
  record.shape = "s" + std::to_string(shape);
  record.pass = "forward";
  record.dtype = "f32";
  record.name = layer + "/forward/" + backend + "/f32/" + record.shape;
  record.threads = 1;
  record.cache = "warm";
  record.status = "ok";
  record.percent_of_peak = 50;
  record.peak_instruction = "fma";
  const bool jumps = std::abs(normal()) > 1.645;  // a tenth of normal values
  const double run = grid.between * normal() * (jumps ? grid.jumping : 1);
  const double base = grid.shortest * shape * factor(grid, backend) * factor(grid, record.name);
  for (int i = 0; i < 5; ++i) {
    const double clock = grid.clock * normal();
    record.peak_samples.push_back(100 * std::exp(clock));
    record.samples.push_back(base * std::exp(run + grid.within * normal() - clock));
  }
  record.seconds = median(record.samples);
  return record;
}

inline StoredResults synthetic_run(const Grid& grid, Normal& normal) {
  StoredResults run;
  run.environments.push_back({"here", {}});
  for (const char* layer : {"conv2d", "linear", "matmul", "relu"}) {
    for (int shape = 1; shape <= 5; ++shape) {
      for (const char* backend : {"eigen", "onednn"}) {
        run.records.push_back({"here", synthetic_record(grid, layer, backend, shape, normal)});
      }
    }
  }
  return run;
}

}  // namespace flopmeter::compare
