#include "models/onnx/bind/lengths.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace flopmeter::onnx {
namespace {

constexpr std::size_t lengths_input = 4;

/// The input of the network that the lengths are; `nobody` where something is done to them.
int input_of(const Binding& b) {
  const Graph& graph = b.builder.graph();
  int tensor = b.node.inputs.at(lengths_input);
  for (;;) {
    const NamedTensor& known = graph.tensors[static_cast<std::size_t>(tensor)];
    if (known.writer == nobody) {
      return known.known.constant ? nobody : tensor;
    }
    const GraphNode& writer = graph.nodes[static_cast<std::size_t>(known.writer)];
    if (writer.proto->op != "Cast" && writer.proto->op != "Identity") {
      return nobody;
    }
    tensor = writer.inputs.at(0);
  }
}

/// Known before a run, as many as there are samples; `input` is what they are, if any.
std::vector<std::int64_t> known_lengths(const Binding& b, int input, std::int64_t times,
                                        std::int64_t samples) {
  const Content* content = b.view.content(lengths_input);
  std::vector<std::int64_t> lengths;
  if (const auto given = input == nobody ? std::nullopt : b.builder.given(input)) {
    lengths.assign(given->begin(), given->end());
  } else if (content != nullptr && !content->real && all_known(content->integers)) {
    std::ranges::transform(content->integers, std::back_inserter(lengths),
                           [](const Dim& length) { return length.value(); });
  } else if (b.builder.is_constant(b.in(lengths_input))) {
    const std::vector<float> numbers = b.builder.numbers(b.in(lengths_input))();
    lengths.assign(numbers.begin(), numbers.end());
  } else {
    bad_input("the lengths of its sequences are computed in the run");
  }
  if (std::ssize(lengths) != samples) {
    bad_input("it has {} lengths of sequences for {} samples", lengths.size(), samples);
  }
  for (const std::int64_t length : lengths) {
    if (length < 1 || length > times) {
      bad_input("the length {} of a sequence: must be from 1 to {}", length, times);
    }
  }
  return lengths;
}

Group everyone(std::int64_t times, std::int64_t samples) {
  Group all{times, std::vector<float>(static_cast<std::size_t>(samples))};
  std::iota(all.samples.begin(), all.samples.end(), 0.0F);
  return all;
}

}  // namespace

std::vector<Group> groups_of(const Binding& b, std::int64_t times, std::int64_t samples) {
  if (!b.view.has(lengths_input)) {
    return {everyone(times, samples)};
  }
  const int input = input_of(b);
  if (input != nobody && !b.builder.given(input)) {
    b.builder.draw(input, {.low = static_cast<double>(times), .high = static_cast<double>(times)});
    b.builder.remark(fmt::format(
        "node '{}' ({}): the lengths of its sequences are the input '{}': each has all {} steps "
        "(--input gives others)",
        b.node.name, b.node.proto->op,
        b.builder.graph().tensors[static_cast<std::size_t>(input)].name, times));
    return {everyone(times, samples)};
  }
  std::map<std::int64_t, std::vector<float>, std::greater<>> by_length;
  float sample = 0;
  for (const std::int64_t length : known_lengths(b, input, times, samples)) {
    by_length[length].push_back(sample++);
  }
  std::vector<Group> groups;
  for (auto& [length, of_length] : by_length) {
    groups.push_back({length, std::move(of_length)});
  }
  return groups;
}

Value of_group(Steps& steps, const Value& x, std::size_t axis, const Group& group) {
  const std::int64_t count = std::ssize(group.samples);
  return count == x.dims[axis] ? x : steps.gather(x, axis, steps.constant({count}, group.samples));
}

Value in_order(Steps& steps, const std::vector<Group>& groups, const std::vector<Value>& parts,
               std::size_t axis) {
  Value joined = parts.front();
  std::vector<float> samples = groups.front().samples;
  for (std::size_t g = 1; g < groups.size(); ++g) {
    joined = steps.concat(joined, parts[g], axis);
    samples.insert(samples.end(), groups[g].samples.begin(), groups[g].samples.end());
  }
  if (groups.size() == 1) {
    return joined;
  }
  std::vector<float> places(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    places[static_cast<std::size_t>(samples[i])] = static_cast<float>(i);
  }
  return steps.gather(joined, axis, steps.constant({std::ssize(places)}, places));
}

Value padded_to(Steps& steps, const Value& x, std::int64_t times) {
  if (x.dims[0] == times) {
    return x;
  }
  Sizes dims = x.dims;
  dims[0] = times - x.dims[0];
  const auto zeros = static_cast<std::size_t>(product_of(dims, 0, dims.size()));
  return steps.concat(x, steps.constant(dims, std::vector<float>(zeros, 0)), 0);
}

}  // namespace flopmeter::onnx
