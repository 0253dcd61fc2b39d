// What a planner needs of a machine: rates, and how much of them each class of node reaches over a grid
// of shapes. Part of a machine file, with every raw sample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/environment.h"
#include "results/json.h"
#include "results/machine.h"

namespace flopmeter {

/// What can be had at the most on so many threads in one dtype.
struct ProfileRate {
  std::string dtype;
  std::int64_t threads = 1;
  double operations_per_second = 0;  // FLOPs, of integers operations: the fastest instruction mix
  double bytes_per_second = 0;       // read from main memory
  double fixed_seconds = 0;          // of the least primitive
  bool operator==(const ProfileRate&) const = default;
};

/// One case, timed alone with its weights in main memory and its activations in the caches.
struct ProfilePoint {
  std::string kind;  // class of node: "conv", "gemm", ...
  std::string dtype;
  std::int64_t threads = 1;
  std::string role;                   // grid | check: drawn at random, not used to interpolate
  std::vector<std::int64_t> at = {};  // its place in the axes of the class
  std::string layer, shape;           // what was timed: smaller than `at` where that takes too long
  double work = 0;                    // FLOPs or bytes of what was timed, as the class counts
  double weight_bytes = 0;
  double roof = 0;     // work a second that could be had beside it
  double seconds = 0;  // median of the samples
  std::vector<double> samples = {};
  std::string reason = {};  // why there is no time
  bool operator==(const ProfilePoint&) const = default;
};

/// A box in the axes of a class, both ends included, whose corners are points.
struct ProfileCell {
  std::vector<std::int64_t> low, high;
  bool operator==(const ProfileCell&) const = default;
};

struct ProfileGrid {
  std::string kind;
  std::string dtype;
  std::int64_t threads = 1;
  std::vector<ProfileCell> cells;
  double worst_miss = 0;  // |interpolated / measured - 1| at the middle of a cell, the largest
  bool operator==(const ProfileGrid&) const = default;
};

/// An efficiency that nobody measured, of all shapes: from a data sheet or by experience. `kind` "*"
/// stands for every class. The true one lies within a factor of `within` either way.
struct ProfileConstant {
  std::string kind;
  double efficiency = 0;
  double within = 1;
  bool operator==(const ProfileConstant&) const = default;
};

struct Profile {
  std::string source = "measured";  // measured | data sheet
  std::string build;                // fingerprint of the environment it was measured in
  double level = 0.9;               // of the intervals
  std::vector<ProfileRate> rates;
  std::vector<ProfileGrid> grids;
  std::vector<ProfilePoint> points;
  std::vector<ProfileConstant> constants;
  bool operator==(const Profile&) const = default;
};

Json to_json(const Profile& profile);
/// Throws std::invalid_argument naming what is missing or of another type.
Profile profile_from_json(const Json& json);

/// A machine file as a planner reads it.
struct MachineFile {
  std::string path;
  Environment environment;
  Machine machine;
  std::optional<Profile> profile;

  /// Bytes of the largest cache; 0: not known.
  std::int64_t last_level_bytes() const;
};

/// Reads the one JSON document of a machine file. Throws std::invalid_argument in one line.
MachineFile parse_machine_file(std::string_view text, const std::string& path);

}  // namespace flopmeter
