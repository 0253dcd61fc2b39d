#include "bench/profile_case.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "bench/memory.h"
#include "kernels/named_value.h"
#include "kernels/network/executor.h"

namespace flopmeter {
namespace {

constexpr std::size_t least_samples = 3;
constexpr std::size_t most_samples = 7;
constexpr double enough_seconds = 0.01;
constexpr std::int64_t own_caches = std::int64_t{8}
                                    << 20U;  // more than a core has for itself alone

constexpr std::string_view timed_label = "timed";

/// The layer behind one relu for each activation that it reads, which leaves it in the caches, and in
/// front of one, so that its results lie where activations do.
class NodeInPlace {
 public:
  NodeInPlace(const Problem& problem, Dtype dtype) {
    Node node{.label = std::string(timed_label), .layer = problem.layer, .shape = problem.values};
    std::vector<std::pair<TensorId, Operand>> results;
    for (const Operand& operand : problem.operands(Pass::forward)) {
      if (operand.role == Role::input && operand.domain.kind != Domain::Kind::index) {
        add_behind_relu(operand, node);
      } else if (operand.role == Role::output) {
        const TensorId id = add_tensor(std::string(operand.name), operand, Lifetime::activation);
        node.edges.push_back({std::string(operand.name), id});
        results.emplace_back(id, operand);
      } else if (operand.role != Role::saved && operand.role != Role::context) {
        add_given(operand, node);
      }
    }
    const std::size_t timed = network_.nodes().size();
    network_.add_node(std::move(node));
    for (const auto& [id, operand] : results) {
      const std::string after = std::string(operand.name) + " after";
      const TensorId to = add_tensor(after, operand, Lifetime::output);
      give(after, operand);
      add_relu("reads " + std::string(operand.name), operand, id, to);
    }
    if (dtype == Dtype::s8 && is_eight_bit_layer(problem.layer->name)) {
      eight_bits_.resize(network_.nodes().size());
      eight_bits_[timed] = steps_of(problem);
    }
    tensors_.emplace(given_);
    if (dtype == Dtype::s8) {
      fill_quantized(*tensors_, 1);
    } else {
      fill(*tensors_, 1);
    }
  }

  const Network& network() const { return network_; }
  Tensors<float>& tensors() { return *tensors_; }
  const std::vector<std::shared_ptr<const EightBits>>& eight_bits() const { return eight_bits_; }

 private:
  /// Sources and weights as they are drawn. A convolution writes codes, as most in networks are read by another one.
  static std::shared_ptr<const EightBits> steps_of(const Problem& problem) {
    const auto field = [&](std::string_view key) {
      return named_value(*problem.layer, problem.values, key, 1);
    };
    EightBits made{
        .src_step = u8_step,
        .weight_steps = std::vector<float>(static_cast<std::size_t>(field("oc")), s8_step),
        .grouped = field("g") != 1};
    if (problem.layer->name != "linear") {
      made.dst = Codes{.step = 1, .is_signed = true};
    }
    return std::make_shared<const EightBits>(std::move(made));
  }

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

  void add_given(const Operand& operand, Node& node) {
    const Lifetime lifetime =
        operand.role == Role::parameter ? Lifetime::constant : Lifetime::input;
    const std::string name(operand.name);
    node.edges.push_back({name, add_tensor(name, operand, lifetime)});
    give(name, operand);
  }

  void add_behind_relu(const Operand& operand, Node& node) {
    const std::string name(operand.name);
    const std::string before = name + " before";
    const TensorId from = add_tensor(before, operand, Lifetime::input);
    const TensorId to = add_tensor(name, operand, Lifetime::activation);
    add_relu("warms " + name, operand, from, to);
    node.edges.push_back({name, to});
    give(before, operand);
  }

  void add_relu(std::string label, const Operand& operand, TensorId from, TensorId to) {
    const AnyLayer& relu = find_layer("relu");
    network_.add_node({.label = std::move(label),
                       .layer = &relu,
                       .shape = relu.parse(fmt::format("mb1ic{}", elements(operand))),
                       .edges = {{"src", from}, {"dst", to}}});
  }

  Network network_;
  std::deque<std::string> names_;
  std::vector<Operand> given_;
  std::vector<std::shared_ptr<const EightBits>> eight_bits_;  // of each node, or empty
  std::optional<Tensors<float>> tensors_;
};

/// Each thread its part, as kernels divide their work.
void read(std::span<const std::byte> memory, int threads) {
  const auto parts = static_cast<std::size_t>(threads);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = memory.size() * i / parts;
    read_lines(memory.subspan(begin, memory.size() * (i + 1) / parts - begin));
  }
}

class Timer {
 public:
  Timer(const PreparedNetwork& prepared, int threads, Equipment& equipment)
      : prepared_(prepared), threads_(threads), equipment_(equipment) {
    const auto is_timed = [](const NetworkPart& part) { return part.what.label == timed_label; };
    timed_ = std::ranges::find_if(prepared.parts, is_timed) - prepared.parts.begin();
  }

  ProfileTiming time() {
    prepared_.run();
    ProfileTiming timing;
    timing.implementation = part(timed_).what.implementation;
    timing.dtype = part(timed_).way.dtype;
    for (double sum = 0; timing.from_memory.size() < least_samples ||
                         (timing.from_memory.size() < most_samples && sum < enough_seconds);) {
      equipment_.quick_evictor().evict(threads_);
      read_activations();
      own_.evict(threads_);
      all_pages_.evict(threads_);
      timing.from_memory.push_back(call());
      own_.evict(threads_);
      some_pages_.evict(threads_);
      timing.from_cache.push_back(call());
      read_activations();
      timing.from_own.push_back(call());
      sum += timing.from_memory.back() + timing.from_cache.back();
    }
    return timing;
  }

 private:
  const NetworkPart& part(std::ptrdiff_t index) const {
    return prepared_.parts.at(static_cast<std::size_t>(index));
  }

  void read_activations() {
    for (const auto& tensor : prepared_.between_nodes) {
      read(tensor, threads_);
    }
  }

  double call() {
    for (std::ptrdiff_t i = 0; i < timed_; ++i) {
      part(i).what.run();
    }
    const double begin = equipment_.clock()();
    part(timed_).what.run();
    return equipment_.clock()() - begin;
  }

  const PreparedNetwork& prepared_;
  int threads_;
  Equipment& equipment_;
  CacheEvictor own_{own_caches / 2};
  TranslationEvictor all_pages_{8192};
  TranslationEvictor some_pages_{4096};  // as much as lies in the caches behind a core's own
  std::ptrdiff_t timed_ = 0;
};

}  // namespace

std::variant<ProfileTiming, Unavailable> time_in_network(const Problem& problem,
                                                         std::span<const Way> ways, Dtype dtype,
                                                         Equipment& equipment) {
  try {
    const Case subject{problem, Pass::forward, "reference", dtype};
    if (std::string lack = lack_of_memory(needed_bytes(subject), available_bytes());
        !lack.empty()) {
      return Unavailable{std::move(lack)};
    }
    NodeInPlace place(problem, dtype);
    const auto made = prepare_network(place.network(), ways, place.tensors(), place.eight_bits());
    if (const auto* absence = std::get_if<Unavailable>(&made)) {
      return *absence;
    }
    const int threads = ways.front().threads;
    ProfileTiming timing = Timer(std::get<PreparedNetwork>(made), threads, equipment).time();
    return timing;
  } catch (const std::bad_alloc&) {
    return Unavailable{"not enough memory"};
  } catch (const std::exception& error) {
    return Unavailable{error.what()};
  }
}

}  // namespace flopmeter
