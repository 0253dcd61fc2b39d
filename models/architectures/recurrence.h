// What some models have in place of attention: sums over the tokens before, which decay, in a state of fixed size.
#pragma once

#include <cstdint>

namespace flopmeter::models {

class NodeList;
struct Stack;

enum class RecurrenceKind { selective, state_space, delta_rule };

/// Sizes are features. selective: Mamba, each feature with states and steps of its own. state_space: Mamba-2, heads with
/// one decay each, groups of which share what goes in and out. delta_rule: gated DeltaNet, whose state is a matrix of
/// keys by values; `groups` are its heads of keys, `states` the size of one.
struct Recurrence {
  RecurrenceKind kind = RecurrenceKind::selective;
  std::int64_t inner = 0;  // of all heads
  std::int64_t states = 16, taps = 4;
  std::int64_t rank = 0;  // of the projection of steps (selective)
  std::int64_t heads = 1, groups = 1;
  bool bias = false, convolution_bias = true;
  bool normed = false;  // steps, what goes in and what goes out have a norm each (selective)
};

inline constexpr auto recurrence_remark =
    "-exp(A), which is the same in every run, is not counted: a program may make it once. States "
    "are counted token by "
    "token, as defined; programs that take a prompt in chunks do other operations";

/// Throws BadInput naming a size that is missing or impossible.
void check_recurrence(const Recurrence& r);

/// From the norm before it to the sum behind it, both left out.
void add_recurrence(NodeList& nodes, const Recurrence& r, const Stack& s);

}  // namespace flopmeter::models
