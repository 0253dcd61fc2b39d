// What a fleet's rows say of machines and networks: which is how fast, and what it costs there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/report/fleet.h"

namespace flopmeter::report {

/// A network on one kind of machine, on the number of threads that is fastest there.
struct NetworkOnKind {
  std::size_t kind = 0;
  double seconds = 0;
  std::int32_t threads = 0;
};

/// A network in one type and batch, on every kind that ran it: the fastest first.
struct RankedNetwork {
  std::string shape, dtype;
  std::vector<NetworkOnKind> on;
};

/// Of every network, type and batch among the cases.
std::vector<RankedNetwork> ranked_networks(const ReportData& data, const Fleet& fleet);

/// Of a million inferences, in the unit of the prices; empty where the kind has no price.
std::optional<double> cost_on(const Fleet& fleet, const RankedNetwork& network,
                              const NetworkOnKind& on);

/// Geometric means of how many times as fast as the first kind each kind is, over the cases that both have.
struct Speeds {
  std::vector<double> logs;
  std::vector<std::size_t> cases;
};

/// By layer, and of all layers under the empty name.
std::map<std::string, Speeds> speeds_by_layer(const ReportData& data, const Fleet& fleet);

/// Empty where the kind has no case in common with the first.
std::optional<double> speed_of(const Speeds& speeds, std::size_t kind);

/// "A: AMD EPYC, AVX-512"; without the letter where there is one kind.
std::string kind_letter(const Fleet& fleet, std::size_t kind);

}  // namespace flopmeter::report
