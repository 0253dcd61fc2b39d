// A smooth function through points that are each a little off: a Gaussian process (Rasmussen and Williams,
// Gaussian Processes for Machine Learning, 2006) with a Matern kernel of 3/2 and a length for each axis.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace flopmeter::planner {

using Coordinates = std::vector<double>;

/// Over which distance along each axis the function changes, by how much it varies and how far a point may
/// be off, both as variances.
struct SurfaceShape {
  std::vector<double> lengths;
  double variance = 1;
  double noise = 0.01;
  bool operator==(const SurfaceShape&) const = default;
};

class Surface {
 public:
  struct Value {
    double mean = 0;
    double deviation = 0;  // of a new point, its noise included
  };

  /// At least one point, each with as many coordinates as there are lengths.
  Surface(std::vector<Coordinates> at, std::span<const double> values, SurfaceShape shape);
  ~Surface();
  Surface(Surface&&) noexcept;
  Surface& operator=(Surface&&) noexcept;

  Value operator()(const Coordinates& at) const;

  /// What each point's value is minus what the others say of it (ibid., 5.12).
  std::vector<double> left_out() const;

  /// The same by how sure the others are of it: of deviations.
  std::vector<double> left_out_in_deviations() const;

  /// Logarithm of the likelihood of the values, but for a constant.
  double likelihood() const;

  /// The points that are nearest in lengths, nearest first.
  std::vector<std::size_t> nearest(const Coordinates& at, std::size_t count) const;

 private:
  struct Solved;
  std::unique_ptr<Solved> solved_;
};

/// The shape that is likeliest behind the values, where lengths are about 3 and points off by some 7 % before one is seen;
/// found by coordinate search from `begin`, without lengths from one of 3 in each axis. Looks at no more than so many
/// points, the first.
SurfaceShape fitted_shape(std::span<const Coordinates> at, std::span<const double> values,
                          SurfaceShape begin = {}, std::size_t most_points = 200);

}  // namespace flopmeter::planner
