// LayerNorm and RMSNorm out of means, squares and roots.
#include <cmath>

#include "models/onnx/ops/window.h"
#include "models/onnx/patterns/matcher.h"

namespace flopmeter::onnx {
namespace {

bool is_value(const Matcher& m, int tensor, double value) {
  const auto known = m.scalar(tensor);
  return known && std::abs(*known - value) < 1e-6;
}

/// The tensor of which `tensor` is the square; `nobody` otherwise.
int square_root_of(const Matcher& m, int tensor, std::vector<int>& inner) {
  if (const int power = m.writer(tensor, "Pow");
      power != nobody && is_value(m, m.input(power, 1), 2)) {
    inner.push_back(power);
    return m.input(power, 0);
  }
  if (const int product = m.writer(tensor, "Mul");
      product != nobody && m.input(product, 0) == m.input(product, 1)) {
    inner.push_back(product);
    return m.input(product, 0);
  }
  return nobody;
}

struct NormRows {
  std::int64_t rows = 0, length = 0;
};

/// How a mean over the last dimensions cuts x into rows; nothing for other dimensions.
std::optional<NormRows> rows_of_mean(const Matcher& m, int mean) {
  const Tensor& x = m.tensor(m.input(mean, 0));
  const Tensor& y = m.tensor(m.output(mean));
  if (!x.dims || !y.dims || !all_known(*x.dims) || x.dims->size() != y.dims->size()) {
    return std::nullopt;
  }
  NormRows rows{1, 1};
  for (std::size_t i = 0; i < x.dims->size(); ++i) {
    const std::int64_t in = (*x.dims)[i].value();
    if ((*y.dims)[i].is(in) && rows.length == 1) {
      rows.rows *= in;
    } else if ((*y.dims)[i].is(1)) {
      rows.length *= in;
    } else {
      return std::nullopt;
    }
  }
  return rows.length > 1 ? std::optional(rows) : std::nullopt;
}

Lowered norm(std::string_view layer, const NormRows& rows, bool affine) {
  return one_layer(layer, {{"mb", rows.rows}, {"c", rows.length}, {"affine", affine ? 1 : 0}});
}

/// Of the mean of squares: mean + eps, then its root. Gives the root.
int root_of_mean(const Matcher& m, int mean, std::vector<int>& inner) {
  const int sum = m.reader(mean);
  if (!m.is(sum, "Add") || !m.scalar(m.other_input(sum, m.output(mean)))) {
    return nobody;
  }
  const int root = m.reader(sum);
  const bool power = m.is(root, "Pow") && is_value(m, m.input(root, 1), 0.5);
  inner.push_back(sum);
  return m.is(root, "Sqrt") || power ? root : nobody;
}

/// A product with a constant vector behind the node, whose length is that of a row.
int scaled(const Matcher& m, int node, std::string_view op, const NormRows& rows,
           std::vector<int>& through) {
  std::vector<int> views;
  const int next = m.reader(node, &views);
  if (!m.is(next, op)) {
    return nobody;
  }
  const int before = views.empty() ? m.output(node) : m.output(views.back());
  const int factor = m.other_input(next, before);
  if (!m.is_constant(factor) || !m.tensor(factor).dims) {
    return nobody;
  }
  const Dim count = elements_of(*m.tensor(factor).dims);
  through.insert(through.end(), views.begin(), views.end());
  return count.is(rows.length) ? next : nobody;
}

/// ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, and Mul and Add where it is affine.
bool layernorm_at(Matcher& m, int mean_of_squares) {
  std::vector<int> inner{mean_of_squares};
  const int centered = square_root_of(m, m.input(mean_of_squares, 0), inner);
  const int difference = m.writer(centered, "Sub");
  if (difference == nobody) {
    return false;
  }
  const int mean = m.writer(m.input(difference, 1), "ReduceMean");
  if (mean == nobody || m.input(mean, 0) != m.input(difference, 0)) {
    return false;
  }
  const auto rows = rows_of_mean(m, mean);
  const int root = root_of_mean(m, mean_of_squares, inner);
  const int quotient = root == nobody ? nobody : m.reader(root);
  if (!rows || !m.is(quotient, "Div")) {
    return false;
  }
  inner.insert(inner.end(), {difference, mean, root});
  const int top = m.input(quotient, 0);
  if (top != centered) {
    // Some exporters subtract the mean twice.
    const int again = m.writer(top, "Sub");
    if (again == nobody || m.input(again, 0) != m.input(difference, 0)) {
      return false;
    }
    inner.push_back(again);
    if (const int own_mean = m.writer(m.input(again, 1), "ReduceMean"); own_mean != nobody) {
      inner.push_back(own_mean);
    }
  }
  std::vector<int> affine = inner;
  affine.push_back(quotient);
  const int scale = scaled(m, quotient, "Mul", *rows, affine);
  if (scale != nobody) {
    affine.push_back(scale);
    const int shift = scaled(m, scale, "Add", *rows, affine);
    if (shift != nobody && m.merge(shift, affine, norm("layernorm", *rows, true), "layernorm")) {
      return true;
    }
  }
  return m.merge(quotient, inner, norm("layernorm", *rows, false), "layernorm");
}

/// Mean of squares of x itself, then x / root or x * (1 / root), and a product with the scale.
bool rmsnorm_at(Matcher& m, int mean) {
  std::vector<int> inner{mean};
  const int x = square_root_of(m, m.input(mean, 0), inner);
  const auto rows = x == nobody ? std::nullopt : rows_of_mean(m, mean);
  const int root = rows ? root_of_mean(m, mean, inner) : nobody;
  int last = root == nobody ? nobody : m.reader(root);
  if (last == nobody) {
    return false;
  }
  inner.push_back(root);
  const bool inverse =
      m.is(last, "Reciprocal") || (m.is(last, "Div") && is_value(m, m.input(last, 0), 1));
  if (inverse) {
    inner.push_back(last);
    const int product = m.reader(last);
    if (!m.is(product, "Mul") || m.other_input(product, m.output(last)) != x) {
      return false;
    }
    last = product;
  } else if (!m.is(last, "Div") || m.input(last, 0) != x) {
    return false;
  }
  std::vector<int> affine = inner;
  affine.push_back(last);
  const int scale = scaled(m, last, "Mul", *rows, affine);
  if (scale != nobody && m.merge(scale, affine, norm("rmsnorm", *rows, true), "rmsnorm")) {
    return true;
  }
  return m.merge(last, inner, norm("rmsnorm", *rows, false), "rmsnorm");
}

}  // namespace

void recognise_norms(Matcher& m) {
  for (int i = 0; i < static_cast<int>(m.size()); ++i) {
    if (m.is(i, "ReduceMean") && !layernorm_at(m, i) && m.is(i, "ReduceMean")) {
      rmsnorm_at(m, i);
    }
  }
}

}  // namespace flopmeter::onnx
