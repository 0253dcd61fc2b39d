// What a network computes, by the definitions of its layers in double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "models/chain/decisions.h"
#include "models/chain/network_file.h"

namespace flopmeter::models {

/// One result, and how far a run in f32 may be from it. Rounding errors of a node relative to its result are
/// those of a sum of random signs: sqrt(terms) roundoffs; errors of all the nodes that it depends on add up
/// at random as well. `absolute` is sixteen times that, and twice the roundoff of each stored result, of the
/// largest value. Where a number that is rounded to a whole one lies so near between two that these errors decide,
/// it may become either: then one more, of the largest whole number there, is an error like the others. The smallest
/// normal number of the type is added: runs may have 0 for what is smaller.
struct TrueResult {
  std::string name;
  std::vector<double> values;
  double largest = 0;  // of those that are numbers of f32
  double absolute = 0;
  double most = std::numeric_limits<float>::max();  // the largest number of the run's type
  std::int64_t between = 0;                         // numbers that may be rounded either way
  std::int64_t decided = 0;  // results of comparisons and the like that are those of the run
  double rounded = 0;        // by how much rounding alone changed it, where that was tried
};

/// Node by node, of the file's own graph: nothing of a chain is in it. Tensors live from their writer to their
/// last reader. Products of many terms are Eigen's on so many threads, all else is plain loops. Where errors of that
/// size may decide which of two numbers is larger, and the like, what follows is of what the run decided.
std::vector<TrueResult> evaluate(const NetworkFile& file, Dtype dtype, int threads = 1,
                                 const Decisions& decisions = {});

/// The truth with room for errors that grow on their way, as behind a clip of large numbers or a quotient by what is
/// nearly 0: evaluated twice more with every number off by random roundings of a run in that type. A run may be six
/// times as far off as these are, up to a quarter of the largest value: what rounding drowns is not confirmed.
std::vector<TrueResult> with_rounding(std::vector<TrueResult> truth, const NetworkFile& file,
                                      Dtype dtype, int threads = 1,
                                      const Decisions& decisions = {});

}  // namespace flopmeter::models
