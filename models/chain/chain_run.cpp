#include "models/chain/chain_run.h"

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

/// Inputs and constants with their numbers, and room for results.
Tensors<float> tensors_of(const Chain& chain) {
  std::vector<Operand> operands;
  const auto tensors = chain.network.tensors();
  for (const Tensor& tensor : tensors) {
    if (tensor.lifetime != Lifetime::activation) {
      const Role role = tensor.lifetime == Lifetime::output     ? Role::output
                        : tensor.lifetime == Lifetime::constant ? Role::parameter
                                                                : Role::input;
      operands.push_back({tensor.name, tensor.dims, role});
    }
  }
  Tensors<float> made{std::span<const Operand>(operands)};
  auto entry = made.entries().begin();
  for (TensorId id = 0; id < tensors.size(); ++id) {
    if (tensors[id].lifetime == Lifetime::activation) {
      continue;
    }
    if (chain.numbers[id]) {
      std::ranges::copy(chain.numbers[id](), entry->data.begin());
    }
    ++entry;
  }
  return made;
}

PreparedNetwork prepared(const Chain& chain, Dtype dtype, int threads, Tensors<float>& tensors) {
  const std::vector<Way> ways = ways_of(dtype, threads);
  auto made = prepare_network(chain.network, ways, tensors, chain.eight_bits);
  if (const auto* absence = std::get_if<Unavailable>(&made)) {
    bad_input("the network cannot run: {}", absence->reason);
  }
  return std::get<PreparedNetwork>(std::move(made));
}

}  // namespace

std::vector<Way> ways_of(Dtype dtype, int threads) {
  std::vector<Way> ways;
  if (dtype != Dtype::f32) {
    ways.push_back({"onednn", dtype, threads});
  }
  for (const Way& way : {Way{"onednn", Dtype::f32, threads}, Way{"eigen", Dtype::f32, threads},
                         Way{"eigen", Dtype::f32, 1}, Way{"reference", Dtype::f32, 1}}) {
    if (way.threads == threads || threads != 1) {
      ways.push_back(way);
    }
  }
  return ways;
}

std::int64_t needed_bytes(const Chain& chain) {
  std::int64_t bytes = 0;
  for (const Tensor& tensor : chain.network.tensors()) {
    const std::int64_t copies = tensor.lifetime == Lifetime::constant ? 2 : 1;
    bytes = checked_add(bytes, checked_multiply(elements(tensor), 4 * copies));
  }
  return bytes;
}

ChainRun::ChainRun(const Chain& chain, Dtype dtype, int threads)
    : tensors_(tensors_of(chain)), prepared_(prepared(chain, dtype, threads, tensors_)) {
  for (const NetworkPart& part : prepared_.parts) {
    parts_.push_back({.node = part.node,
                      .name = part.what.label,
                      .implementation = part.what.implementation,
                      .backend = std::string(part.way.backend),
                      .dtype = part.way.dtype,
                      .threads = part.way.threads,
                      .reorder = part.what.forced});
  }
}

void ChainRun::run(const Call& call) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    call(i, prepared_.parts[i].what.run);
  }
}

void ChainRun::run(const std::function<double()>& clock,
                   std::vector<std::vector<double>>& seconds) const {
  seconds.resize(parts_.size());
  double before = clock();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    prepared_.parts[i].what.run();
    const double after = clock();
    seconds[i].push_back(after - before);
    before = after;
  }
}

std::vector<float> ChainRun::result(const std::string& name) {
  fetch();
  return fetched(name);
}

std::vector<float> ChainRun::fetched(const std::string& name) {
  const auto* entry = tensors_.find(name);
  return {entry->data.begin(), entry->data.end()};
}

}  // namespace flopmeter::models
