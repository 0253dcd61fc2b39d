// Recurrent layers whose sequences have lengths of their own: samples of one length run together.
#pragma once

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

/// Samples whose sequences are of one length, in their order.
struct Group {
  std::int64_t length;
  std::vector<float> samples;
};

/// By length, the longest first; one group where the node has no lengths. Lengths that are an input of the network
/// are drawn to be the longest there is, and a remark says so. Throws BadInput where a node computes them.
std::vector<Group> groups_of(const Binding& b, std::int64_t times, std::int64_t samples);

/// The group's samples along an axis; where there is one group, all of them.
Value of_group(Steps& steps, const Value& x, std::size_t axis, const Group& group);

/// What the groups come to, side by side along an axis, in the order of the samples.
Value in_order(Steps& steps, const std::vector<Group>& groups, const std::vector<Value>& parts,
               std::size_t axis);

/// Steps are the first dimension: 0 behind the last one.
Value padded_to(Steps& steps, const Value& x, std::int64_t times);

}  // namespace flopmeter::onnx
