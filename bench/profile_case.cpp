#include "bench/profile_case.h"

#include <deque>
#include <new>
#include <utility>

#include "bench/memory.h"
#include "kernels/network/executor.h"

namespace flopmeter {
namespace {

constexpr std::string_view profiled_backend = "onednn";
constexpr std::size_t least_samples = 3;
constexpr std::size_t most_samples = 9;
constexpr double enough_seconds = 0.02;

/// The layer behind one relu for each activation that it reads, which leaves it in the caches.
class NodeInPlace {
 public:
  NodeInPlace(const Problem& problem, Dtype dtype) {
    Node node{.label = "timed", .layer = problem.layer, .shape = problem.values};
    for (const Operand& operand : problem.operands(Pass::forward)) {
      if (operand.role == Role::input && operand.domain.kind != Domain::Kind::index) {
        add_behind_relu(operand, node);
      } else if (operand.role != Role::saved && operand.role != Role::context) {
        add_plain(operand, node);
      }
    }
    network_.add_node(std::move(node));
    tensors_.emplace(given_);
    if (dtype == Dtype::s8) {
      fill_quantized(*tensors_, 1);
    } else {
      fill(*tensors_, 1);
    }
  }

  const Network& network() const { return network_; }
  Tensors<float>& tensors() { return *tensors_; }

 private:
  TensorId add_tensor(std::string name, const Operand& operand, Lifetime lifetime) {
    return network_.add_tensor({.name = std::move(name),
                                .dims = operand.dims,
                                .lifetime = lifetime,
                                .domain = operand.domain});
  }

  void give(const std::string& name, const Operand& operand) {
    given_.push_back(operand);
    given_.back().name = names_.emplace_back(name);
  }

  void add_plain(const Operand& operand, Node& node) {
    const Lifetime lifetime = operand.role == Role::output      ? Lifetime::output
                              : operand.role == Role::parameter ? Lifetime::constant
                                                                : Lifetime::input;
    const std::string name(operand.name);
    node.edges.push_back({name, add_tensor(name, operand, lifetime)});
    give(name, operand);
  }

  void add_behind_relu(const Operand& operand, Node& node) {
    const std::string name(operand.name);
    const std::string before = name + " before";
    const TensorId from = add_tensor(before, operand, Lifetime::input);
    const TensorId to = add_tensor(name, operand, Lifetime::activation);
    const AnyLayer& relu = find_layer("relu");
    network_.add_node({.label = "warms " + name,
                       .layer = &relu,
                       .shape = relu.parse(fmt::format("mb1ic{}", elements(operand))),
                       .edges = {{"src", from}, {"dst", to}}});
    node.edges.push_back({name, to});
    give(before, operand);
  }

  Network network_;
  std::deque<std::string> names_;
  std::vector<Operand> given_;
  std::optional<Tensors<float>> tensors_;
};

double timed_call(const std::vector<RunPart>& parts, int threads, Equipment& equipment) {
  equipment.evictor().evict(threads);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    parts[i].run();
  }
  const double begin = equipment.clock()();
  parts.back().run();
  return equipment.clock()() - begin;
}

ProfileTiming time_parts(const Prepared& prepared, Dtype dtype, int threads, Equipment& equipment) {
  prepared.run();
  ProfileTiming timing;
  for (double sum = 0; timing.samples.size() < least_samples ||
                       (timing.samples.size() < most_samples && sum < enough_seconds);) {
    timing.samples.push_back(timed_call(prepared.parts, threads, equipment));
    sum += timing.samples.back();
  }
  timing.operations_per_second = equipment.peak(dtype).burst(threads, shortest_burst);
  return timing;
}

}  // namespace

std::variant<ProfileTiming, Unavailable> time_in_network(const Problem& problem, Dtype dtype,
                                                         int threads, Equipment& equipment) {
  if (!problem.layer->offers(profiled_backend)) {
    return Unavailable{fmt::format("{} has no backend {}", problem.layer->name, profiled_backend)};
  }
  try {
    const Case subject{problem, Pass::forward, profiled_backend, dtype};
    if (std::string lack = lack_of_memory(needed_bytes(subject), available_bytes());
        !lack.empty()) {
      return Unavailable{std::move(lack)};
    }
    NodeInPlace place(problem, dtype);
    const Preparation preparation = prepare_network(
        place.network(), profiled_backend, {Pass::forward, dtype, threads}, place.tensors());
    if (const auto* absence = std::get_if<Unavailable>(&preparation)) {
      return *absence;
    }
    return time_parts(std::get<Prepared>(preparation), dtype, threads, equipment);
  } catch (const std::bad_alloc&) {
    return Unavailable{"not enough memory"};
  } catch (const std::exception& error) {
    return Unavailable{error.what()};
  }
}

}  // namespace flopmeter
