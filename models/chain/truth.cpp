#include "models/chain/truth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string_view>

#include "kernels/named_value.h"
#include "models/chain/random_numbers.h"
#include "models/chain/run_node.h"

namespace flopmeter::models {
namespace {

constexpr double safety = 16;        // of sums
constexpr double stored_safety = 2;  // of results, one rounding each

/// Terms of the longest sum: MACs for each element of the result.
double terms_of(const Network& network, const Node& node) {
  const Formula formula = node.layer->formula(node.shape, node.pass);
  double results = 1;
  for (const Edge& edge : node.edges) {
    if (edge.writes) {
      results = std::max(results, static_cast<double>(elements(network.tensors()[edge.tensor])));
    }
  }
  const double operations = static_cast<double>(formula.dense.macs + formula.dense.adds);
  return std::max(1.0, operations / results);
}

/// How often a node rounds what it goes on with: recurrent layers their states, step by step.
double roundings_of(const Node& node) {
  const auto value_of = [&](std::string_view key) -> std::int64_t {
    return named_value(*node.layer, node.shape, key, 0);
  };
  return value_of("dhc") == 0 ? 1 : static_cast<double>(std::max<std::int64_t>(1, value_of("t")));
}

/// The most that a function's result changes for a change of its sources: where all results are small, far more than
/// their own share of it. Known of those that networks end with.
double steepest(const Node& node, std::span<const double> results) {
  const std::string_view layer = node.layer->name;
  const auto most = [&](auto slope) {
    double largest = 0;
    for (const double y : results) {
      largest = std::max(largest, slope(y));
    }
    return largest;
  };
  if (layer == "sigmoid") {
    return most([](double y) { return y * (1 - y); });
  }
  if (layer == "softmax") {
    return most([](double y) { return 2 * y * (1 - y); });
  }
  return layer == "exp" ? most([](double y) { return y; }) : 0;
}

class Evaluation {
 public:
  /// `roundings`: the seed of random roundings, 0 for none.
  Evaluation(const NetworkFile& file, Dtype dtype, int threads, const Decisions& decisions,
             std::uint64_t roundings = 0)
      : roundings_(roundings),
        file_(file),
        network_(file.network),
        dtype_(dtype),
        threads_(threads),
        decisions_(decisions),
        data_(network_.tensors().size()) {}

  std::vector<TrueResult> results() {
    for (std::size_t i = 0; i < network_.nodes().size(); ++i) {
      run(i);
    }
    std::vector<TrueResult> all;
    for (TensorId id = 0; id < data_.size(); ++id) {
      if (network_.tensors()[id].lifetime == Lifetime::output) {
        all.push_back(result(id));
      }
    }
    return all;
  }

 private:
  /// A run stores every result in the dtype, and sums in f32.
  void run(std::size_t index) {
    const Node& node = network_.nodes()[index];
    for (const Edge& edge : node.edges) {
      make(edge);
    }
    const std::int64_t between = node.layer->name == "round" ? numbers_between(node) : 0;
    run_in_double(
        node, [&](TensorId id) { return std::span(data_[id]); }, threads_);
    decided_ += follow(
        node, network_, decisions_, [&](TensorId id) { return std::span(data_[id]); },
        [&](TensorId id) { return error_of(id); });
    for (const Edge& edge : node.edges) {
      if (edge.writes) {
        round_at_random(edge.tensor, terms_of(network_, node));
      }
    }
    note_carried(node);
    if (between > 0) {
      between_ += between;
      squares_ += std::pow(1 / std::max(1.0, largest_of(data_[node.edges.back().tensor])), 2);
    }
    const double stored = unit_roundoff(dtype_);
    const double summed = unit_roundoff(Dtype::f32) * std::sqrt(terms_of(network_, node));
    squares_ +=
        roundings_of(node) * (std::pow(safety * summed, 2) + std::pow(stored_safety * stored, 2));
    for (const Edge& edge : node.edges) {
      const Tensor& tensor = network_.tensors()[edge.tensor];
      const bool kept = tensor.lifetime == Lifetime::output;
      if (!kept && network_.last_reader(edge.tensor).value_or(index) <= index) {
        data_[edge.tensor] = {};
      }
    }
  }

  /// As a run may: each number by its own roundoff, and by that of a sum of so many terms.
  void round_at_random(TensorId id, double terms) {
    const Tensor& tensor = network_.tensors()[id];
    if (roundings_ == 0 || tensor.domain.kind == Domain::Kind::index) {
      return;
    }
    std::vector<double>& data = data_[id];
    const double of_sum = unit_roundoff(Dtype::f32) * std::sqrt(terms) * largest_of(data);
    const std::vector<float> random =
        random_numbers(tensor.name, roundings_, static_cast<std::int64_t>(data.size()), {-1, 1});
    for (std::size_t i = 0; i < data.size(); ++i) {
      data[i] += static_cast<double>(random[i]) *
                 (unit_roundoff(dtype_) * std::abs(data[i]) + (data[i] == 0 ? 0 : of_sum));
    }
  }

  /// Of numbers that a node has made, or that are stored in the number type.
  double error_of(TensorId id) const {
    return network_.tensors()[id].domain.kind == Domain::Kind::index
               ? 0
               : (std::sqrt(squares_) + safety * unit_roundoff(Dtype::f32) +
                  stored_safety * unit_roundoff(dtype_)) *
                     largest_of(data_[id]);
  }

  /// What errors of the source come to in results of the network.
  void note_carried(const Node& node) {
    const TensorId last = node.edges.back().tensor;
    if (network_.tensors()[last].lifetime == Lifetime::output) {
      carried_[last] = steepest(node, data_[last]) * error_of(node.edges.front().tensor);
    }
  }

  /// Of what f32 can hold: infinity, as masks have it, would allow for any error.
  static double largest_of(const std::vector<double>& values) {
    double largest = 0;
    for (const double value : values) {
      const double size = std::abs(value);
      largest = size <= std::numeric_limits<float>::max() ? std::max(largest, size) : largest;
    }
    return largest;
  }

  /// Of what is rounded, how many lie between two whole numbers as far as errors so far tell, and one division's.
  std::int64_t numbers_between(const Node& node) const {
    const std::vector<double>& values = data_[node.edges.front().tensor];
    const double error =
        (std::sqrt(squares_) + safety * unit_roundoff(Dtype::f32)) * largest_of(values);
    return std::ranges::count_if(
        values, [&](double value) { return std::abs(value - std::floor(value) - 0.5) <= error; });
  }

  void make(const Edge& edge) {
    std::vector<double>& data = data_[edge.tensor];
    if (!data.empty()) {
      return;
    }
    if (const Numbers& numbers = file_.numbers[edge.tensor]) {
      const std::vector<float> given = numbers();
      data.assign(given.begin(), given.end());
      round_at_random(edge.tensor, 1);
    } else {
      data.resize(static_cast<std::size_t>(elements(network_.tensors()[edge.tensor])));
    }
  }

  TrueResult result(TensorId id) {
    TrueResult made{network_.tensors()[id].name, std::move(data_[id])};
    made.largest = largest_of(made.values);
    made.between = between_;
    made.decided = decided_;
    made.absolute = std::max(std::sqrt(squares_) * made.largest, carried_[id]) + smallest();
    made.most = dtype_ == Dtype::f16 ? 65504 : std::numeric_limits<float>::max();
    return made;
  }

  double smallest() const {
    return dtype_ == Dtype::f16 ? 0x1p-14 : std::numeric_limits<float>::min();
  }

  std::uint64_t roundings_;
  const NetworkFile& file_;
  const Network& network_;
  Dtype dtype_;
  int threads_;
  const Decisions& decisions_;
  std::vector<std::vector<double>> data_;
  std::int64_t between_ = 0;
  std::int64_t decided_ = 0;
  std::map<TensorId, double> carried_ = {};  // errors of results, as far as sources have them
  double squares_ = 0;  // of what relative errors may be, summed over the nodes
};

}  // namespace

std::vector<TrueResult> evaluate(const NetworkFile& file, Dtype dtype, int threads,
                                 const Decisions& decisions) {
  return Evaluation(file, dtype, threads, decisions).results();
}

std::vector<TrueResult> with_rounding(std::vector<TrueResult> truth, const NetworkFile& file,
                                      Dtype dtype, int threads, const Decisions& decisions) {
  constexpr double most = 0.25;
  constexpr double several = 6;
  for (const std::uint64_t seed : {11U, 12U}) {
    const std::vector<TrueResult> other =
        Evaluation(file, dtype, threads, decisions, seed).results();
    for (std::size_t i = 0; i < truth.size(); ++i) {
      for (std::size_t k = 0; k < truth[i].values.size(); ++k) {
        const double off = std::abs(other[i].values[k] - truth[i].values[k]);
        truth[i].rounded = std::max(truth[i].rounded, std::isfinite(off) ? off : 0);
      }
    }
  }
  for (TrueResult& one : truth) {
    one.absolute = std::max(one.absolute, std::min(several * one.rounded, most * one.largest));
  }
  return truth;
}

}  // namespace flopmeter::models
