// Which tensors of a chain are brought into another number type, as far as the chain alone tells: not those that only
// change their layout, which kernels choose where they run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/chain/chain.h"

namespace flopmeter::models {

struct TypeChange {
  std::string tensor;
  std::int64_t elements = 0;
  std::int64_t from_bytes = 4, to_bytes = 4;  // of an element
};

/// Before the first node that reads the tensor in that type, once for all of them. Of s8, weights have no steps yet.
std::vector<TypeChange> type_changes(const Chain& chain, Dtype dtype);

}  // namespace flopmeter::models
