#include "kernels/families/normalization/rules.h"

#include <algorithm>
#include <cmath>

#include "kernels/tolerance.h"

namespace flopmeter::normalization {
namespace {

constexpr Domain positive{Domain::Kind::positive};

void add_statistics(std::vector<Operand>& to, const Normalization& n, const Dims& dims, Role role) {
  if (n.centred()) {
    to.push_back({"mean", dims, role});
    to.push_back({"variance", dims, role, positive});
  } else {
    to.push_back({"mean_square", dims, role, positive});
  }
}

void add_parameters(std::vector<Operand>& to, const Normalization& n, std::string_view scale,
                    std::string_view shift, Role role) {
  if (n.affine) {
    to.push_back({scale, {n.layout.channels}, role});
  }
  if (n.affine && n.centred() && !shift.empty()) {
    to.push_back({shift, {n.layout.channels}, role});
  }
}

std::vector<Operand> forward(const Normalization& n, const Dims& data, const Dims& statistics,
                             Role kept) {
  const bool given = n.statistics == Statistics::given;
  std::vector<Operand> operands{{"src", data, Role::input}};
  if (given) {
    add_statistics(operands, n, statistics, Role::input);
  }
  add_parameters(operands, n, "scale", "shift", Role::parameter);
  operands.push_back({"dst", data, Role::output});
  if (!given) {
    add_statistics(operands, n, statistics, kept);
  }
  return operands;
}

std::vector<Operand> backward_data(const Normalization& n, const Dims& data,
                                   const Dims& statistics) {
  std::vector<Operand> operands{{"diff_dst", data, Role::input}};
  if (n.statistics == Statistics::given) {
    operands.push_back({"variance", statistics, Role::input, positive});
  } else {
    operands.push_back({"src", data, Role::input});
    add_statistics(operands, n, statistics, Role::input);
  }
  add_parameters(operands, n, "scale", "", Role::parameter);
  operands.push_back({"diff_src", data, Role::output});
  return operands;
}

std::vector<Operand> backward_weights(const Normalization& n, const Dims& data,
                                      const Dims& statistics) {
  if (!n.affine) {
    return {};
  }
  std::vector<Operand> operands{{"diff_dst", data, Role::input}, {"src", data, Role::input}};
  add_statistics(operands, n, statistics, Role::input);
  add_parameters(operands, n, "diff_scale", "diff_shift", Role::output);
  return operands;
}

// Counts are put together from those of one group or one element, as the reference does them.

constexpr OpCounts inverse_root{.adds = 1, .divides = 1, .square_roots = 1};

/// `sums` sums of `terms` products each, which were there before.
OpCounts products_summed(std::int64_t sums, std::int64_t terms) {
  const std::int64_t products = checked_multiply(sums, terms);
  return {.multiplies = products, .adds = products - sums};
}

/// x - m, and times the inverse root.
OpCounts normalized(const Normalization& n) {
  return {.multiplies = 1, .adds = n.centred() ? 1 : 0};
}

OpCounts statistics_of_group(const Normalization& n) {
  const std::int64_t size = n.layout.size();
  const OpCounts mean{.adds = size - 1, .divides = 1};
  const OpCounts squares = products_summed(1, size) + OpCounts{.divides = 1};
  return n.centred() ? mean + OpCounts{.adds = size} + squares : squares;
}

OpCounts forward_counts(const Normalization& n) {
  OpCounts group = inverse_root;
  if (n.statistics != Statistics::given) {
    group = group + statistics_of_group(n);
  }
  OpCounts element = normalized(n);
  if (n.affine) {
    element =
        element + (n.centred() ? OpCounts{.multiplies = 1, .adds = 1} : OpCounts{.multiplies = 1});
  }
  return n.layout.groups * group + n.layout.elements() * element;
}

OpCounts backward_data_counts(const Normalization& n) {
  const std::int64_t size = n.layout.size();
  const OpCounts gradient{.multiplies = n.affine ? 1 : 0};
  if (n.statistics == Statistics::given) {
    return n.layout.groups * inverse_root +
           n.layout.elements() * (gradient + OpCounts{.multiplies = 1});
  }
  OpCounts group = inverse_root + products_summed(1, size) + OpCounts{.divides = 1};
  OpCounts element = 2 * (gradient + normalized(n)) + OpCounts{.multiplies = 2, .adds = 1};
  if (n.centred()) {
    group = group + OpCounts{.adds = size - 1, .divides = 1};
    element = element + OpCounts{.adds = 1};
  }
  return n.layout.groups * group + n.layout.elements() * element;
}

OpCounts backward_weights_counts(const Normalization& n) {
  if (!n.affine) {
    return {};
  }
  const std::int64_t elements = n.layout.elements();
  const std::int64_t channels = n.layout.channels;
  const OpCounts shift{.adds = n.centred() ? elements - channels : 0};
  return n.layout.groups * inverse_root + elements * normalized(n) +
         products_summed(channels, elements / channels) + shift;
}

OpCounts counts(const Normalization& n, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return backward_data_counts(n);
    case Pass::backward_weights:
      return backward_weights_counts(n);
    case Pass::forward:
      break;
  }
  return forward_counts(n);
}

/// How much the division by the deviation magnifies errors. Inputs deviate by about 0.36 from their
/// mean, and given variances are above 1/64. That all n of a group lie closer together by a factor
/// p < 1 happens with a probability of about p^(n-1), of which this bears 1e-5; epsilon bounds it.
double amplification(const Normalization& n) {
  if (n.statistics == Statistics::given) {
    return 8;
  }
  const std::int64_t size = n.layout.size();
  const double part = size > 1 ? std::pow(1e-5, 1 / static_cast<double>(size - 1)) : 0;
  return 1 / std::max(0.36 * part, std::sqrt(epsilon));
}

}  // namespace

std::vector<Operand> operands(const Normalization& n, Pass pass, const Dims& data,
                              const Dims& statistics, Role kept) {
  switch (pass) {
    case Pass::backward_data:
      return backward_data(n, data, statistics);
    case Pass::backward_weights:
      return backward_weights(n, data, statistics);
    case Pass::forward:
      break;
  }
  return forward(n, data, statistics, kept);
}

Formula formula(const Normalization& n, Pass pass) {
  const std::int64_t kinds = !n.affine ? 0 : n.centred() ? 2 : 1;
  return unpadded(checked_multiply(kinds, n.layout.channels), counts(n, pass));
}

/// Means of n terms up to 1 are off by some roundoffs, and when summed one by one in f32 by about
/// sqrt(n) more. What oneDNN stores between its primitives, x' and g, is rounded to the dtype. A
/// gradient of a parameter is a sum over the channel. A wrong element is off by about 1.
Tolerance tolerance(const Normalization& n, Pass pass, Dtype dtype) {
  const std::int64_t size = n.statistics == Statistics::given ? 1 : n.layout.size();
  const double factor = amplification(n);
  Tolerance tolerance = sum_tolerance(1, dtype);
  tolerance.absolute =
      (16 + 4 * std::sqrt(static_cast<double>(size))) * factor * unit_roundoff(Dtype::f32);
  if (dtype != Dtype::f32) {
    tolerance.absolute += (pass == Pass::backward_data ? 2 * factor : 8) * unit_roundoff(dtype);
  }
  if (pass == Pass::backward_weights) {
    const std::int64_t terms = n.layout.elements() / n.layout.channels;
    tolerance.absolute = 4 * sum_tolerance(terms, dtype).absolute +
                         std::sqrt(static_cast<double>(terms)) * tolerance.absolute;
  }
  return tolerance;
}

}  // namespace flopmeter::normalization
