#include "models/chain/decisions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "kernels/indexed/selection.h"
#include "models/chain/chain_run.h"
#include "models/chain/quantize.h"

namespace flopmeter::models {
namespace {

/// The tensors of a node in double, and how far each real number may be off.
class Decided {
 public:
  Decided(const Node& decider, const Network& network, const Decisions& decisions,
          const std::function<std::span<double>(TensorId)>& data,
          const std::function<double(TensorId)>& error)
      : node(decider), network_(network), decisions_(decisions), data_(data), error_(error) {}

  std::span<double> operator[](std::string_view operand) const {
    const Edge* edge = edge_of(operand);
    return edge == nullptr ? std::span<double>() : data_(edge->tensor);
  }
  double error(std::string_view operand) const { return error_(edge_of(operand)->tensor); }
  /// What the run has; empty where it has no such tensor.
  std::span<const float> run(std::string_view operand) const {
    const Edge* edge = edge_of(operand);
    if (edge == nullptr) {
      return {};
    }
    const auto found = decisions_.find(network_.tensors()[edge->tensor].name);
    return found == decisions_.end() || found->second.size() != data_(edge->tensor).size()
               ? std::span<const float>()
               : std::span<const float>(found->second);
  }
  std::vector<std::int64_t> dims(std::string_view operand) const {
    for (const Operand& one : node.layer->operands(node.shape, node.pass)) {
      if (one.name == operand) {
        return one.dims;
      }
    }
    return {};
  }

  const Node& node;

 private:
  const Edge* edge_of(std::string_view operand) const {
    const auto edge = std::ranges::find(node.edges, operand, &Edge::operand);
    return edge == node.edges.end() ? nullptr : &*edge;
  }

  const Network& network_;
  const Decisions& decisions_;
  const std::function<std::span<double>(TensorId)>& data_;
  const std::function<double(TensorId)>& error_;
};

std::int64_t replace(std::span<double> truth, std::span<const float> run) {
  std::int64_t others = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    others += truth[i] == static_cast<double>(run[i]) ? 0 : 1;
    truth[i] = static_cast<double>(run[i]);
  }
  return others;
}

/// Where a and b are as good as equal.
std::int64_t follow_comparison(const Decided& d) {
  const auto dims = d.dims("dst");
  const auto a = d["src0"];
  const auto b = d["src1"];
  const auto run = d.run("dst");
  const auto truth = d["dst"];
  if (run.empty()) {
    return 0;
  }
  /// The place of an element of the result in a source, of which dimensions of 1 are repeated.
  const auto place = [&](std::string_view source, std::size_t at) {
    const auto own = d.dims(source);
    std::size_t index = 0;
    std::size_t stride = 1;
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      const std::size_t i = at % static_cast<std::size_t>(dims[axis]);
      at /= static_cast<std::size_t>(dims[axis]);
      index += own[axis] == 1 ? 0 : i * stride;
      stride *= static_cast<std::size_t>(own[axis]);
    }
    return index;
  };
  const double slack = d.error("src0") + d.error("src1");
  std::int64_t others = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] != static_cast<double>(run[i]) &&
        std::abs(a[place("src0", i)] - b[place("src1", i)]) <= slack) {
      truth[i] = static_cast<double>(run[i]);
      ++others;
    }
  }
  return others;
}

/// Where the number that was chosen is as good as the best: places along the axis that the result has not.
std::int64_t follow_best(const Decided& d) {
  const auto wide = d.dims("src");
  const auto narrow = d.dims("dst");
  const auto x = d["src"];
  const auto run = d.run("dst");
  const auto truth = d["dst"];
  const auto axis = std::ranges::mismatch(wide, narrow).in1 - wide.begin();
  if (run.empty() || axis == std::ssize(wide)) {
    return 0;
  }
  const std::size_t behind = static_cast<std::size_t>(
      std::accumulate(wide.begin() + axis + 1, wide.end(), std::int64_t{1}, std::multiplies<>()));
  const auto length = static_cast<std::size_t>(wide[static_cast<std::size_t>(axis)]);
  std::int64_t others = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::size_t first = i / behind * behind * length + i % behind;
    const auto chosen = static_cast<std::size_t>(std::max(run[i], 0.0F));
    const auto best = static_cast<std::size_t>(truth[i]);
    if (chosen != best && chosen < length &&
        std::abs(x[first + chosen * behind] - x[first + best * behind]) <= 2 * d.error("src")) {
      truth[i] = static_cast<double>(run[i]);
      ++others;
    }
  }
  return others;
}

/// Rows whose places are all different and whose numbers are those of the right order, as far as errors tell.
std::int64_t follow_largest(const Decided& d) {
  const auto x = d["src"];
  const auto places = d["places"];
  const auto values = d["dst"];
  const auto run = d.run("places");
  if (run.empty() || places.empty() || values.empty()) {
    return 0;
  }
  const auto n = static_cast<std::size_t>(d.dims("src").back());
  const auto m = static_cast<std::size_t>(d.dims("places").back());
  std::int64_t others = 0;
  for (std::size_t row = 0; row < places.size() / m; ++row) {
    const auto mine = run.subspan(row * m, m);
    const auto right = [&](std::size_t j) {
      const bool inside = mine[j] >= 0 && mine[j] < static_cast<float>(n);
      return inside && std::abs(x[row * n + static_cast<std::size_t>(mine[j])] -
                                values[row * m + j]) <= 2 * d.error("src");
    };
    bool all = std::set<float>(mine.begin(), mine.end()).size() == m;
    for (std::size_t j = 0; j < m; ++j) {
      all = all && right(j);
    }
    if (!all) {
      continue;
    }
    others += replace(places.subspan(row * m, m), mine);
    for (std::size_t j = 0; j < m; ++j) {
      values[row * m + j] = x[row * n + static_cast<std::size_t>(mine[j])];
    }
  }
  return others;
}

double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

struct Staircase {
  std::string_view layer;
  double (*of)(double);
};

constexpr std::array staircases{Staircase{"floor", std::floor}, Staircase{"ceil", std::ceil},
                                Staircase{"trunc", std::trunc}, Staircase{"sign", sign_of}};

/// Functions that never fall: what they make of the least and of the largest that a number may be.
std::int64_t follow_step(const Decided& d) {
  const auto x = d["src"];
  const auto run = d.run("dst");
  const auto truth = d["dst"];
  const auto* const step = std::ranges::find(staircases, d.node.layer->name, &Staircase::layer);
  const double off = run.empty() ? 0 : d.error("src");
  std::int64_t others = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const auto mine = static_cast<double>(run[i]);
    if (truth[i] != mine && mine == std::nearbyint(mine) && step->of(x[i] - off) <= mine &&
        mine <= step->of(x[i] + off)) {
      truth[i] = mine;
      ++others;
    }
  }
  return others;
}

/// Boxes of one class: those that the run kept, and how far its numbers may be off.
class KeptBoxes {
 public:
  KeptBoxes(const Decided& d, std::int64_t sample, std::int64_t of_class)
      : n_(d.dims("boxes").at(1)),
        most_(std::min(n_, field(d, "m"))),
        center_(field(d, "center") == 1),
        boxes_(d["boxes"].subspan(static_cast<std::size_t>(sample * n_ * 4))),
        scores_(d["scores"].subspan(
            static_cast<std::size_t>((sample * d.dims("scores").at(1) + of_class) * n_))),
        most_overlap_(d["overlap"][0]),
        least_(d["least"][0]),
        slack_(2 * d.error("scores")),
        box_error_(d.error("boxes")) {}

  /// No box overlaps a better one, none that is left out had to be kept, and the best come first.
  bool right(const std::vector<std::int64_t>& kept) const {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i] < 0 || kept[i] >= n_ || score(kept[i]) < least_ - slack_ ||
          (i > 0 && score(kept[i]) > score(kept[i - 1]) + slack_)) {
        return false;
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (kept[i] == kept[j] || overlap_of(kept[i], kept[j], -1) > most_overlap_) {
          return false;
        }
      }
    }
    for (std::int64_t i = 0; i < n_; ++i) {
      if (std::ranges::find(kept, i) == kept.end() && had_to_be_kept(i, kept)) {
        return false;
      }
    }
    return true;
  }

 private:
  static std::int64_t field(const Decided& d, std::string_view key) {
    const auto& fields = d.node.layer->fields;
    return d.node.shape.at(
        static_cast<std::size_t>(std::ranges::find(fields, key, &FieldInfo::key) - fields.begin()));
  }
  double score(std::int64_t i) const { return scores_[static_cast<std::size_t>(i)]; }
  indexed::Box box(std::int64_t i) const {
    const auto at = boxes_.subspan(static_cast<std::size_t>(i * 4), 4);
    return indexed::Box::of({at[0], at[1], at[2], at[3]}, center_);
  }
  /// As small or as large as it may be with coordinates that are off: an edge moves by twice the error at the most.
  double overlap_of(std::int64_t i, std::int64_t j, double sign) const {
    indexed::Box a = box(i);
    indexed::Box b = box(j);
    const auto sides = [](const indexed::Box& one) {
      return one.high[0] - one.low[0] + one.high[1] - one.low[1];
    };
    const double both = std::max(a.area(), b.area());
    const double off = both > 0 ? 4 * box_error_ * (sides(a) + sides(b)) / both : 1;
    return indexed::overlap(a, b) + sign * off;
  }
  bool had_to_be_kept(std::int64_t i, const std::vector<std::int64_t>& kept) const {
    if (score(i) <= least_ + slack_ ||
        (std::ssize(kept) == most_ && score(i) <= score(kept.back()) + slack_)) {
      return false;
    }
    return std::ranges::none_of(kept, [&](std::int64_t better) {
      return score(better) >= score(i) - slack_ && overlap_of(i, better, 1) > most_overlap_;
    });
  }

  std::int64_t n_, most_;
  bool center_;
  std::span<const double> boxes_, scores_;
  double most_overlap_, least_, slack_, box_error_;
};

std::int64_t follow_kept(const Decided& d) {
  const auto run = d.run("dst");
  if (run.empty()) {
    return 0;
  }
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> kept;
  for (std::size_t row = 0; row < run.size() / 3 && run[row * 3] >= 0; ++row) {
    const auto at = [&](std::size_t i) { return static_cast<std::int64_t>(run[row * 3 + i]); };
    kept[{at(0), at(1)}].push_back(at(2));
  }
  const auto scores = d.dims("scores");
  for (std::int64_t sample = 0; sample < scores[0]; ++sample) {
    for (std::int64_t of_class = 0; of_class < scores[1]; ++of_class) {
      if (!KeptBoxes(d, sample, of_class).right(kept[{sample, of_class}])) {
        return 0;
      }
    }
  }
  return replace(d["dst"], run);
}

struct Decider {
  std::string_view layer;
  std::int64_t (*follow)(const Decided&);
};

constexpr std::array deciders{
    Decider{"equal", follow_comparison},   Decider{"not_equal", follow_comparison},
    Decider{"less", follow_comparison},    Decider{"less_equal", follow_comparison},
    Decider{"greater", follow_comparison}, Decider{"greater_equal", follow_comparison},
    Decider{"argmax", follow_best},        Decider{"argmin", follow_best},
    Decider{"topk", follow_largest},       Decider{"floor", follow_step},
    Decider{"ceil", follow_step},          Decider{"trunc", follow_step},
    Decider{"sign", follow_step},          Decider{"nms", follow_kept},
};

const Decider* decider_of(const Node& node) {
  const auto* const found = std::ranges::find(deciders, node.layer->name, &Decider::layer);
  return found == deciders.end() ? nullptr : found;
}

}  // namespace

bool decides(const Node& node) { return node.layer != nullptr && decider_of(node) != nullptr; }

Decisions decisions_of(const Chain& chain, Dtype dtype, int threads) {
  Decisions made;
  if (std::ranges::none_of(chain.network.nodes(), decides)) {
    return made;
  }
  const Chain kept = with_all_results(chain);
  ChainRun run(kept, dtype, threads);
  run.run();
  run.fetch();
  for (const Node& node : kept.network.nodes()) {
    for (const Edge& edge : node.edges) {
      if (decides(node) && edge.writes) {
        const std::string& name = kept.network.tensors()[edge.tensor].name;
        made.emplace(name, run.fetched(name));
      }
    }
  }
  return made;
}

std::int64_t follow(const Node& node, const Network& network, const Decisions& decisions,
                    const std::function<std::span<double>(TensorId)>& data,
                    const std::function<double(TensorId)>& error) {
  const Decider* decider = node.layer == nullptr ? nullptr : decider_of(node);
  return decider == nullptr || decisions.empty()
             ? 0
             : decider->follow(Decided(node, network, decisions, data, error));
}

}  // namespace flopmeter::models
