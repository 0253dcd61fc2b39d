#include "models/plan/cost.h"

#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <numeric>

namespace flopmeter::planner {
namespace {

constexpr std::size_t cases_an_amount = 2;

// What the time of a node depends on beside its work, by the axes of its class: elements of weights and activations.

double times(std::initializer_list<std::int64_t> factors) {
  double all = 1;
  for (const std::int64_t factor : factors) {
    all *= static_cast<double>(factor);
  }
  return all;
}

std::vector<double> of_conv(const Place& p) {
  const auto [ic, oc, taps, stride, width, pixels] = std::array{p[0], p[1], p[2], p[3], p[4], p[5]};
  return {times({ic, oc, taps}), times({ic, pixels, stride, stride}) + times({oc, pixels})};
}
std::vector<double> of_conv1x1(const Place& p) {
  return of_conv({p[0], p[1], 1, p[2], p[3], p[4]});
}
std::vector<double> of_depthwise(const Place& p) {
  const auto [channels, taps, stride, width, pixels] = std::array{p[0], p[1], p[2], p[3], p[4]};
  return {times({channels, taps}), times({channels, pixels, 1 + stride * stride})};
}
std::vector<double> of_grouped(const Place& p) {
  std::vector<double> all = of_conv({p[1], p[2], p[3], p[4], 0, p[5]});
  std::ranges::transform(all, all.begin(),
                         [&](double one) { return one * static_cast<double>(p[0]); });
  return all;
}
std::vector<double> of_transposed(const Place& p) {
  const auto [ic, oc, taps, pixels] = std::array{p[0], p[1], p[2], p[3]};
  return {times({ic, oc, taps}), times({ic + oc, pixels})};
}
std::vector<double> of_gemm(const Place& p) {
  const auto [m, n, k] = std::array{p[0], p[1], p[2]};
  return {times({n, k}), times({m, n}) + times({m, k})};
}
std::vector<double> of_gemv(const Place& p) { return of_gemm({1, p[0], p[1]}); }
std::vector<double> of_batched(const Place& p) {
  const auto [batch, m, n, k] = std::array{p[0], p[1], p[2], p[3]};
  return {times({batch, n, k}), times({batch, m, n}) + times({batch, m, k}),
          static_cast<double>(batch)};
}
/// Weights once, those of the hidden state once more each step, gates, steps.
std::vector<double> of_recurrent(const Place& p) {
  const auto [hidden, inputs, samples, steps, gates] = std::array{p[0], p[1], p[2], p[3], p[4]};
  return {times({gates, hidden, inputs + hidden}), times({gates, hidden, hidden, steps}),
          times({gates, hidden, samples, steps}), static_cast<double>(steps)};
}

struct AmountsRow {
  std::string_view kind;
  std::vector<double> (*amounts)(const Place&);
};
constexpr std::array amounts_table{AmountsRow{"conv", of_conv},
                                   AmountsRow{"conv1x1", of_conv1x1},
                                   AmountsRow{"depthwise", of_depthwise},
                                   AmountsRow{"grouped", of_grouped},
                                   AmountsRow{"transposed", of_transposed},
                                   AmountsRow{"gemm", of_gemm},
                                   AmountsRow{"gemv", of_gemv},
                                   AmountsRow{"batched", of_batched},
                                   AmountsRow{"recurrent", of_recurrent},
                                   AmountsRow{"gru", of_recurrent}};

/// Least squares without what comes out below 0, the most negative left out first.
Eigen::VectorXd not_negative(const Eigen::MatrixXd& rows, const Eigen::VectorXd& wanted) {
  std::vector<Eigen::Index> kept(static_cast<std::size_t>(rows.cols()));
  std::iota(kept.begin(), kept.end(), Eigen::Index{0});
  Eigen::VectorXd all = Eigen::VectorXd::Zero(rows.cols());
  while (!kept.empty()) {
    const Eigen::MatrixXd some = rows(Eigen::indexing::all, kept);
    const Eigen::VectorXd found = some.completeOrthogonalDecomposition().solve(wanted);
    Eigen::Index least = 0;
    if (found.minCoeff(&least) >= 0) {
      all(kept) = found;
      break;
    }
    kept.erase(kept.begin() + least);
  }
  return all;
}

}  // namespace

std::vector<double> cost_amounts(const NodeClass& kind, const Place& at, double work) {
  std::vector<double> all{1, work};
  const auto* const row = std::ranges::find(amounts_table, kind.name, &AmountsRow::kind);
  if (row != amounts_table.end()) {
    std::ranges::copy(row->amounts(at), std::back_inserter(all));
  }
  return all;
}

std::vector<double> fitted_cost(std::span<const std::vector<double>> amounts,
                                std::span<const double> seconds) {
  if (amounts.empty() || seconds.size() < cases_an_amount * amounts.front().size()) {
    return {};
  }
  Eigen::MatrixXd rows(seconds.size(), amounts.front().size());
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    for (Eigen::Index j = 0; j < rows.cols(); ++j) {
      const auto row = static_cast<std::size_t>(i);
      rows(i, j) = amounts[row][static_cast<std::size_t>(j)] / seconds[row];
    }
  }
  // Amounts are 1 to 1e10: brought to one size.
  Eigen::RowVectorXd sizes = rows.colwise().maxCoeff();
  sizes = (sizes.array() > 0).select(sizes, 1);
  rows.array().rowwise() /= sizes.array();
  const Eigen::VectorXd found = not_negative(rows, Eigen::VectorXd::Ones(rows.rows()));
  std::vector<double> cost;
  for (Eigen::Index j = 0; j < found.size(); ++j) {
    cost.push_back(found(j) / sizes(j));
  }
  return cost;
}

double cost_seconds(std::span<const double> cost, std::span<const double> amounts) {
  return std::inner_product(cost.begin(), cost.end(), amounts.begin(), 0.0);
}

}  // namespace flopmeter::planner
