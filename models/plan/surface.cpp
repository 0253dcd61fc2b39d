#include "models/plan/surface.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace flopmeter::planner {
namespace {

/// In lengths.
double distance(const Coordinates& a, const Coordinates& b, const std::vector<double>& lengths) {
  double sum = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const double part = (a[i] - b[i]) / lengths[i];
    sum += part * part;
  }
  return std::sqrt(sum);
}

double alike(double distance) {
  const double scaled = std::sqrt(3.0) * distance;
  return (1 + scaled) * std::exp(-scaled);
}

}  // namespace

struct Surface::Solved {
  std::vector<Coordinates> at;
  SurfaceShape shape;
  double mean = 0;
  Eigen::VectorXd values, weights;
  Eigen::LLT<Eigen::MatrixXd> factor;

  double covariance(const Coordinates& a, const Coordinates& b) const {
    return shape.variance * alike(distance(a, b, shape.lengths));
  }

  /// Of each point's weight and its place on the diagonal of the inverse.
  std::vector<double> of_each(double (*made)(double weight, double inverse)) const {
    const Eigen::Index count = values.size();
    const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(count, count));
    std::vector<double> all;
    for (Eigen::Index i = 0; i < count; ++i) {
      all.push_back(made(weights(i), inverse(i, i)));
    }
    return all;
  }
};

Surface::Surface(std::vector<Coordinates> at, std::span<const double> values, SurfaceShape shape)
    : solved_(std::make_unique<Solved>()) {
  Solved& s = *solved_;
  s.at = std::move(at);
  s.shape = std::move(shape);
  const auto count = static_cast<Eigen::Index>(s.at.size());
  s.values = Eigen::Map<const Eigen::VectorXd>(values.data(), count);
  s.mean = s.values.mean();
  s.values.array() -= s.mean;
  Eigen::MatrixXd covariances(count, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      covariances(i, j) =
          s.covariance(s.at[static_cast<std::size_t>(i)], s.at[static_cast<std::size_t>(j)]);
    }
    covariances(i, i) += s.shape.noise;
  }
  s.factor.compute(covariances);  // reads the lower half
  s.weights = s.factor.solve(s.values);
}

Surface::~Surface() = default;
Surface::Surface(Surface&&) noexcept = default;
Surface& Surface::operator=(Surface&&) noexcept = default;

Surface::Value Surface::operator()(const Coordinates& at) const {
  const Solved& s = *solved_;
  Eigen::VectorXd to(s.values.size());
  for (Eigen::Index i = 0; i < to.size(); ++i) {
    to(i) = s.covariance(at, s.at[static_cast<std::size_t>(i)]);
  }
  const double mean = s.mean + to.dot(s.weights);
  s.factor.matrixL().solveInPlace(to);
  const double known = std::min(to.squaredNorm(), s.shape.variance);
  return {mean, std::sqrt(s.shape.variance + s.shape.noise - known)};
}

std::vector<double> Surface::left_out() const {
  return solved_->of_each([](double weight, double inverse) { return weight / inverse; });
}

std::vector<double> Surface::left_out_in_deviations() const {
  return solved_->of_each(
      [](double weight, double inverse) { return weight / std::sqrt(inverse); });
}

double Surface::likelihood() const {
  const Solved& s = *solved_;
  const double spread = s.factor.matrixLLT().diagonal().array().log().sum();
  return -0.5 * s.values.dot(s.weights) - spread;
}

std::vector<std::size_t> Surface::nearest(const Coordinates& at, std::size_t count) const {
  const Solved& s = *solved_;
  std::vector<std::size_t> order(s.at.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto far = [&](std::size_t i) { return distance(at, s.at[i], s.shape.lengths); };
  const std::size_t kept = std::min(count, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept), {}, far);
  order.resize(kept);
  return order;
}

namespace {

/// Logarithm of how likely a shape is before a point is seen: with fewer than ten points an axis the likelihood alone takes
/// noise for a function that changes within half an octave.
double expectation(const SurfaceShape& shape) {
  constexpr double usual_length = 3;  // octaves
  constexpr double length_within = 0.5;
  constexpr double usual_noise = 0.005;  // 7 %
  const auto square = [](double value) { return value * value; };
  double sum = square(std::log(shape.noise / usual_noise));
  for (const double length : shape.lengths) {
    sum += square(std::log(length / usual_length) / length_within);
  }
  return -sum / 2;
}

}  // namespace

SurfaceShape fitted_shape(std::span<const Coordinates> at, std::span<const double> values,
                          SurfaceShape begin, std::size_t most_points) {
  constexpr std::array<double, 4> factors{0.5, 0.7, 1.4, 2};
  constexpr int rounds = 3;
  constexpr double first_length = 3;  // octaves
  constexpr double least_variance = 0.05;
  constexpr double first_noise = 0.003;
  constexpr double least_noise = 4e-4;  // 2 %: nobody times more exactly than that
  const std::size_t count = std::min(at.size(), most_points);
  const std::vector<Coordinates> points(at.begin(),
                                        at.begin() + static_cast<std::ptrdiff_t>(count));
  const std::span<const double> first = values.first(count);
  SurfaceShape best = std::move(begin);
  if (best.lengths.empty()) {
    best.lengths.assign(points.front().size(), first_length);
    const double mean =
        std::accumulate(first.begin(), first.end(), 0.0) / static_cast<double>(count);
    double squares = 0;
    for (const double value : first) {
      squares += (value - mean) * (value - mean) / static_cast<double>(count);
    }
    best.variance = std::max(least_variance, squares);
    best.noise = first_noise;
  }
  const auto likelihood_of = [&](const SurfaceShape& shape) {
    return Surface(points, first, shape).likelihood() + expectation(shape);
  };
  double likeliest = likelihood_of(best);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < best.lengths.size() + 2; ++i) {
      for (const double factor : factors) {
        SurfaceShape tried = best;
        double& changed = i < best.lengths.size()    ? tried.lengths[i]
                          : i == best.lengths.size() ? tried.noise
                                                     : tried.variance;
        changed *= factor;
        tried.noise = std::max(tried.noise, least_noise);
        const double likelihood = likelihood_of(tried);
        if (likelihood > likeliest) {
          likeliest = likelihood;
          best = std::move(tried);
        }
      }
    }
  }
  return best;
}

}  // namespace flopmeter::planner
