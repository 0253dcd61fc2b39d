// Networks of which it is known what layers they have, but not what each of them reads.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "kernels/case.h"
#include "kernels/network/network.h"

namespace flopmeter {

/// A layer that is there so many times.
struct Listed {
  Problem problem;
  std::int64_t times = 1;
};

/// A node's layer and shape; its path is the label.
Problem problem_of(const Node& node);

/// A node for each time. All nodes of the first entry read inputs of the network, as the three
/// projections of an attention; all others read what nodes made before them. Throws BadInput.
Network listed_network(std::string name, std::span<const Listed> entries);

}  // namespace flopmeter
