// The definitions. In each group of n elements, with the mean m and the variance v or without m:
//   x' = (x - m) / sqrt(v + eps), m = sum x / n, v = sum (x - m)^2 / n      in two passes over x
//   y = scale * x' + shift
// and backward, with g = dy * scale, where m and v are no constants but functions of x:
//   dx = (g - sum g / n - x' * sum (g * x') / n) / sqrt(v + eps)
//   dscale = sum dy * x', dshift = sum dy           over all elements of a channel
// Each step is done as it stands, and nothing of an element is kept from one pass to the next.
// Products of elements are there before they are summed up: multiplies and adds, no MACs, as
// everybody counts them who counts the MACs of a network.
#pragma once

#include <cmath>

#include "kernels/dtype.h"
#include "kernels/families/normalization/layout.h"
#include "kernels/operand.h"

namespace flopmeter::normalization {

/// Calls visit(index, channel, first) for every element of a group: the last says whether the
/// channel has no element before it.
template <class Visit>
void for_each_element(const Layout& layout, std::int64_t group, const Visit& visit) {
  for (std::int64_t r = 0; r < layout.rows; ++r) {
    const std::int64_t row = layout.row(group, r);
    const std::int64_t channel = layout.channel(group, r);
    const bool first = layout.first(group, r);
    for (std::int64_t i = 0; i < layout.length; ++i) {
      const bool alone = layout.element_channels != 0 || i == 0;
      visit(row + i, channel + i * layout.element_channels, first && alone);
    }
  }
}

/// Of a group; no add for the first element, as in all sums here.
template <class T>
T mean_of(const Layout& layout, std::int64_t group, const T* x) {
  T sum(0);
  bool started = false;
  for_each_element(layout, group, [&](std::int64_t at, std::int64_t, bool) {
    sum = started ? sum + x[at] : x[at];
    started = true;
  });
  return sum / T(static_cast<double>(layout.size()));
}

/// Of a group: of its squares, or of those of the distances from a mean.
template <class T>
T mean_square_of(const Layout& layout, std::int64_t group, const T* x, const T* mean) {
  T sum(0);
  bool started = false;
  for_each_element(layout, group, [&](std::int64_t at, std::int64_t, bool) {
    const T d = mean != nullptr ? x[at] - *mean : x[at];
    const T square = d * d;
    sum = started ? sum + square : square;
    started = true;
  });
  return sum / T(static_cast<double>(layout.size()));
}

/// x' of one group.
template <class T>
struct Normalized {
  bool centred;
  T mean;
  T inverse;  // 1 / sqrt(v + eps)

  Normalized(bool centre, T m, T v) : centred(centre), mean(m), inverse(inverse_root(v)) {}
  T operator()(T x) const { return centred ? T((x - mean) * inverse) : T(x * inverse); }

  static T inverse_root(T v) {
    using std::sqrt;
    return T(1) / sqrt(v + T(epsilon));
  }
};

/// Where a layer keeps its statistics.
template <class T>
struct StatisticsOf {
  T* mean;
  T* variance;  // or the mean square

  StatisticsOf(const Normalization& n, Tensors<T>& tensors)
      : mean(n.centred() ? tensors["mean"] : nullptr),
        variance(n.centred() ? tensors["variance"] : tensors["mean_square"]) {}

  Normalized<T> of(std::int64_t group) const {
    return {mean != nullptr, mean != nullptr ? mean[group] : T(0), variance[group]};
  }
};

template <class T>
void compute_statistics(const Normalization& n, const T* x, const StatisticsOf<T>& statistics,
                        std::int64_t group) {
  if (n.centred()) {
    statistics.mean[group] = mean_of(n.layout, group, x);
  }
  const T* mean = n.centred() ? statistics.mean + group : nullptr;
  statistics.variance[group] = mean_square_of(n.layout, group, x, mean);
}

template <class T>
void forward(const Normalization& n, Tensors<T>& tensors) {
  const T* x = tensors["src"];
  const T* scale = tensors["scale"];
  const T* shift = tensors["shift"];
  T* y = tensors["dst"];
  const StatisticsOf<T> statistics(n, tensors);
  for (std::int64_t group = 0; group < n.layout.groups; ++group) {
    if (n.statistics != Statistics::given) {
      compute_statistics(n, x, statistics, group);
    }
    const Normalized<T> normalized = statistics.of(group);
    for_each_element(n.layout, group, [&](std::int64_t at, std::int64_t channel, bool) {
      const T value = normalized(x[at]);
      const T scaled = scale != nullptr ? T(value * scale[channel]) : value;
      y[at] = shift != nullptr ? scaled + shift[channel] : scaled;
    });
  }
}

/// The statistics are constants: the gradient is scaled as the input was.
template <class T>
void backward_given(const Normalization& n, Tensors<T>& tensors) {
  const T* dy = tensors["diff_dst"];
  const T* scale = tensors["scale"];
  T* dx = tensors["diff_src"];
  for (std::int64_t group = 0; group < n.layout.groups; ++group) {
    const T inverse = Normalized<T>::inverse_root(tensors["variance"][group]);
    for_each_element(n.layout, group, [&](std::int64_t at, std::int64_t channel, bool) {
      const T g = scale != nullptr ? T(dy[at] * scale[channel]) : dy[at];
      dx[at] = g * inverse;
    });
  }
}

/// The means over a group of g and g * x'.
template <class T>
struct GradientMeans {
  T g, product;
};

template <class T, class Gradient>
GradientMeans<T> gradient_means(const Normalization& n, std::int64_t group, const T* x,
                                const Normalized<T>& normalized, const Gradient& gradient) {
  GradientMeans<T> sums{T(0), T(0)};
  bool started = false;
  for_each_element(n.layout, group, [&](std::int64_t at, std::int64_t channel, bool) {
    const T g = gradient(at, channel);
    const T value = normalized(x[at]);
    if (n.centred()) {
      sums.g = started ? sums.g + g : g;
    }
    const T product = g * value;
    sums.product = started ? sums.product + product : product;
    started = true;
  });
  const T size(static_cast<double>(n.layout.size()));
  return {n.centred() ? sums.g / size : T(0), sums.product / size};
}

template <class T>
void backward_computed(const Normalization& n, Tensors<T>& tensors) {
  const T* x = tensors["src"];
  const T* dy = tensors["diff_dst"];
  const T* scale = tensors["scale"];
  T* dx = tensors["diff_src"];
  const StatisticsOf<T> statistics(n, tensors);
  const auto gradient = [&](std::int64_t at, std::int64_t channel) {
    return scale != nullptr ? T(dy[at] * scale[channel]) : dy[at];
  };
  for (std::int64_t group = 0; group < n.layout.groups; ++group) {
    const Normalized<T> normalized = statistics.of(group);
    const GradientMeans<T> means = gradient_means(n, group, x, normalized, gradient);
    const T slope = -means.product;
    for_each_element(n.layout, group, [&](std::int64_t at, std::int64_t channel, bool) {
      const T g = gradient(at, channel);
      const T centred = n.centred() ? g - means.g : g;
      const T along = normalized(x[at]) * slope;
      dx[at] = (centred + along) * normalized.inverse;
    });
  }
}

template <class T>
void backward_weights(const Normalization& n, Tensors<T>& tensors) {
  T* dscale = tensors["diff_scale"];
  T* dshift = tensors["diff_shift"];
  if (dscale == nullptr) {
    return;
  }
  const T* x = tensors["src"];
  const T* dy = tensors["diff_dst"];
  const StatisticsOf<T> statistics(n, tensors);
  for (std::int64_t group = 0; group < n.layout.groups; ++group) {
    const Normalized<T> normalized = statistics.of(group);
    for_each_element(n.layout, group, [&](std::int64_t at, std::int64_t channel, bool first) {
      const T value = normalized(x[at]);
      T& sum = dscale[channel];
      const T product = dy[at] * value;
      sum = first ? product : sum + product;
      if (dshift != nullptr) {
        dshift[channel] = first ? dy[at] : dshift[channel] + dy[at];
      }
    });
  }
}

template <class T>
void reference(const Normalization& n, Pass pass, Tensors<T>& tensors) {
  switch (pass) {
    case Pass::forward:
      return forward(n, tensors);
    case Pass::backward_data:
      return n.statistics == Statistics::given ? backward_given(n, tensors)
                                               : backward_computed(n, tensors);
    case Pass::backward_weights:
      return backward_weights(n, tensors);
  }
}

}  // namespace flopmeter::normalization
