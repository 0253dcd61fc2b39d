// What a planner needs of a machine: rates, and how much of them each class of node reaches for shapes
// as networks have them. Part of a machine file, with every raw sample.
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
  /// The size that all caches together behave as, and that of a core's own. 0: not known.
  std::int64_t cache_bytes = 0, own_cache_bytes = 0;
  bool operator==(const ProfileRate&) const = default;
};

/// One case, timed alone with its activations in the caches, and its weights in main memory, in the caches
/// behind a core's own, and in those as far as they fit.
struct ProfilePoint {
  std::string kind;  // class of node: "conv", "gemm", ...
  std::string dtype;
  std::int64_t threads = 1;
  std::vector<std::int64_t> at = {};                       // its place in the axes of the class
  std::string layer, shape;                                // what was timed
  double work = 0;                                         // FLOPs or bytes, as the class counts
  double weight_bytes = 0, activation_bytes = 0;           // read and written
  double seconds = 0, cache_seconds = 0, own_seconds = 0;  // of the samples, without disturbed ones
  std::vector<double> samples = {}, cache_samples = {}, own_samples = {};
  double left_out = 0;  // logarithm of measured / what the other points say, weights in memory
  std::string implementation = {};
  std::string ran_in =
      {};  // the number type that it computed in: f32 where its layer has none of fewer bits
  std::string reason = {};  // why there is no time
  bool operator==(const ProfilePoint&) const = default;
};

/// How smooth the efficiency of a class is: what models/plan/surface.h calls a shape.
struct ProfileFit {
  std::string kind;
  std::string dtype;
  std::int64_t threads = 1;
  std::string weights;  // memory | cache | own
  std::vector<double> lengths;
  double variance = 0, noise = 0;
  /// Seconds for one of each amount of the class (models/plan/cost.h), of which the efficiency is; empty: of the
  /// roofline.
  std::vector<double> cost = {};
  bool operator==(const ProfileFit&) const = default;
};

/// An efficiency that nobody measured, of all shapes: from a data sheet or by experience. `kind` "*"
/// stands for every class. The true one lies within a factor of `within` either way.
struct ProfileConstant {
  std::string kind;
  double efficiency = 0;
  double within = 1;
  bool operator==(const ProfileConstant&) const = default;
};

/// What fused nodes of a language model take where they stand, all of one kind in a run together: products of stored
/// weights ("products"), attention over the cache ("sdpa"), what else there is by its kind. `rows` are tokens times
/// sequences, of attention the queries that share a head of keys; `amount` bytes, of attention FLOPs.
struct ProfileGeneration {
  std::string format;  // of the weights
  std::int64_t threads = 1;
  std::string kind;
  double rows = 1, keys = 1;
  double amount = 0;
  double seconds_in_place = 0;
  bool operator==(const ProfileGeneration&) const = default;
};

struct Profile {
  std::string source = "measured";  // measured | data sheet
  std::string build;                // fingerprint of the environment it was measured in
  double level = 0.9;               // of the intervals
  std::vector<ProfileRate> rates;
  std::vector<ProfileFit> fits;
  std::vector<ProfilePoint> points;
  std::vector<ProfileConstant> constants;
  std::vector<ProfileGeneration> generation = {};
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
