// Normalisation in Eigen's arrays. Other than the reference, y keeps x - m once it is computed, and
// products are stored before anything is added, so that scale and shift are a multiply and an add,
// and not a MAC.
#include "kernels/families/normalization/eigen.h"

#include <Eigen/Core>
#include <cmath>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"

namespace flopmeter::normalization {
namespace {

template <class T>
class Groups {
 public:
  Groups(const Normalization& n, Tensors<T>& tensors, int threads)
      : n_(n),
        x_(tensors["src"]),
        scale_(tensors["scale"]),
        shift_(tensors["shift"]),
        y_(tensors["dst"]),
        mean_(tensors["mean"]),
        variance_(tensors[n.centred() ? "variance" : "mean_square"]),
        threads_(threads) {
    // A group that lies in one piece is one row for all that does not ask for the channel.
    const Layout& l = n.layout;
    rows_ = l.row_stride == l.length ? 1 : l.rows;
    length_ = l.rows / rows_ * l.length;
  }

  void operator()() const {
    eigen::share(n_.layout.groups, threads_, [&](std::int64_t group) {
      if (n_.centred()) {
        centre(group);
      }
      if (n_.statistics != Statistics::given) {
        variance_[group] = mean_square(group);
      }
      scale(group);
    });
  }

 private:
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  using Map = Eigen::Map<Array>;
  using ConstMap = Eigen::Map<const Array>;

  T size() const { return T(static_cast<float>(n_.layout.size())); }
  ConstMap x(std::int64_t group, std::int64_t r) const {
    return ConstMap(x_ + n_.layout.row(group, r), length_);
  }
  Map y(std::int64_t group, std::int64_t r) const {
    return Map(y_ + n_.layout.row(group, r), length_);
  }

  /// y = x - m
  void centre(std::int64_t group) const {
    if (n_.statistics != Statistics::given) {
      T sum = x(group, 0).sum();
      for (std::int64_t r = 1; r < rows_; ++r) {
        sum += T(x(group, r).sum());
      }
      mean_[group] = sum / size();
    }
    for (std::int64_t r = 0; r < rows_; ++r) {
      y(group, r) = x(group, r) - mean_[group];
    }
  }

  /// Of what is normalised.
  T mean_square(std::int64_t group) const {
    const T* from = n_.centred() ? y_ : x_;
    T sum(0);
    for (std::int64_t r = 0; r < rows_; ++r) {
      const ConstMap row(from + n_.layout.row(group, r), length_);
      const T squares = (row * row).sum();
      sum = r == 0 ? squares : sum + squares;
    }
    return sum / size();
  }

  void scale(std::int64_t group) const {
    using std::sqrt;
    const Layout& l = n_.layout;
    const T inverse = T(1) / sqrt(variance_[group] + T(static_cast<float>(epsilon)));
    const T* from = n_.centred() ? y_ : x_;
    for (std::int64_t r = 0; r < l.rows; ++r) {
      const ConstMap row(from + l.row(group, r), l.length);
      Map to(y_ + l.row(group, r), l.length);
      const std::int64_t channel = l.channel(group, r);
      if (!n_.affine) {
        to = row * inverse;
      } else if (l.element_channels != 0) {
        scale_elements(row, inverse, to);
      } else {
        to = row * inverse * scale_[channel] + shift_[channel];
      }
    }
  }

  void scale_elements(const ConstMap& row, const T& inverse, Map& to) const {
    const ConstMap scales(scale_, n_.layout.length);
    if (n_.centred()) {
      to = row * inverse * scales + ConstMap(shift_, n_.layout.length);
    } else {
      to = row * inverse * scales;
    }
  }

  Normalization n_;
  const T* x_;
  const T* scale_;
  const T* shift_;
  T* y_;
  T* mean_;
  T* variance_;
  int threads_;
  std::int64_t rows_, length_;  // of a group
};

}  // namespace

Preparation prepare_with_eigen(const Normalization& n, const Setup& setup,
                               Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = Groups<float>(n, tensors, setup.threads),
                  .implementation = "Eigen arrays"};
}

void count_with_eigen(const Normalization& n, Tensors<Counted<float>>& tensors) {
  Groups<Counted<float>>(n, tensors, 1)();
}

OpCounts stated_with_eigen(const Normalization& n) {
  const std::int64_t size = n.layout.size();
  OpCounts group{.adds = 1, .divides = 1, .square_roots = 1};
  OpCounts element{.multiplies = 1};
  if (n.centred()) {
    element.adds += 1;
  }
  if (n.statistics != Statistics::given) {
    group = group + sums_of_products(1, size, false) + OpCounts{.divides = 1};
  }
  if (n.statistics == Statistics::computed) {
    group = group + OpCounts{.adds = size - 1, .divides = 1};
  }
  if (n.affine) {
    element = element + OpCounts{.multiplies = 1, .adds = n.centred() ? 1 : 0};
  }
  return n.layout.groups * group + n.layout.elements() * element;
}

}  // namespace flopmeter::normalization
