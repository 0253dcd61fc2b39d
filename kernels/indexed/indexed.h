// Rows that are looked up, put elsewhere or ordered: layers of which an operand holds places.
#pragma once

#include <algorithm>

#include "kernels/layer.h"
#include "kernels/place.h"

namespace flopmeter::indexed {

/// mb tensors of n rows of dim elements, and m places of rows, as ONNX's operators with an axis have
/// them: mb in front of the axis, dim behind it.
struct Shape {
  std::int64_t mb, n, m, dim;
  bool operator==(const Shape&) const = default;
};

inline constexpr auto shape_fields = std::to_array<Field<Shape>>({
    {"mb", &Shape::mb, 1, 1, 1, 4, "tensors, the dimensions in front of the axis"},
    {"n", &Shape::n, unset, 1, 1, 30, "rows of each"},
    {"m", &Shape::m, unset, 1, 1, 20, "places"},
    {"dim", &Shape::dim, 1, 1, 1, 20, "elements of a row, the dimensions behind the axis"},
});

/// Throws BadInput unless n and m are there and n is not too large.
Shape completed(std::string_view layer, const Shape&);

/// What the layers share. L says what is its own.
template <class L>
struct Base {
  using Shape = indexed::Shape;
  static constexpr auto fields = shape_fields;
  static constexpr auto always_printed = std::to_array<std::string_view>({"n", "m"});
  static Shape complete(const Shape& s) { return completed(L::name, s); }
  static Domain places(const Shape& s) { return {Domain::Kind::index, s.n}; }
};

struct Gather : Base<Gather> {
  static constexpr std::string_view name = "gather";
  static constexpr std::string_view equation = "y[b,j,:] = x[b,i[j],:]";
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  /// Backward, what comes to the same row is added up, onto zeros.
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const bool forward = pass == Pass::forward;
    if (!forward) {
      std::fill_n(t["diff_src"], s.mb * s.n * s.dim, T(0));
    }
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t j = 0; j < s.m; ++j) {
        const std::int64_t row = (b * s.n + place(t["indices"][j], s.n)) * s.dim;
        const std::int64_t to = (b * s.m + j) * s.dim;
        for (std::int64_t k = 0; k < s.dim; ++k) {
          if (forward) {
            t["dst"][to + k] = t["src"][row + k];
          } else {
            t["diff_src"][row + k] += t["diff_dst"][to + k];
          }
        }
      }
    }
  }
};

/// Rows of x replaced, or added to, by rows of u. Of equal places the last one replaces.
template <class L>
struct ScatterBase : Base<L> {
  static constexpr auto always_printed = std::to_array<std::string_view>({"n", "m"});
  static std::vector<Operand> forward_operands(const Shape& s) {
    return {{"src", {s.mb, s.n, s.dim}, Role::input},
            {"indices", {s.m}, Role::input, {Domain::Kind::index, s.n}},
            {"updates", {s.mb, s.m, s.dim}, Role::input},
            {"dst", {s.mb, s.n, s.dim}, Role::output}};
  }

  template <class T, class Update>
  static void walk(const Shape& s, Tensors<T>& t, const Update& update) {
    std::copy_n(t["src"], s.mb * s.n * s.dim, t["dst"]);
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t j = 0; j < s.m; ++j) {
        T* row = t["dst"] + (b * s.n + place(t["indices"][j], s.n)) * s.dim;
        const T* from = t["updates"] + (b * s.m + j) * s.dim;
        for (std::int64_t k = 0; k < s.dim; ++k) {
          update(row[k], from[k]);
        }
      }
    }
  }
};

struct Scatter : ScatterBase<Scatter> {
  static constexpr std::string_view name = "scatter";
  static constexpr std::string_view equation = "y = x but y[b,i[j],:] = u[b,j,:]";
  static std::vector<Operand> operands(const Shape& s, Pass) { return forward_operands(s); }
  static Formula formula(const Shape&, Pass) { return {}; }
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& t) {
    walk(s, t, [](T& to, T from) { to = from; });
  }
};

struct ScatterAdd : ScatterBase<ScatterAdd> {
  static constexpr std::string_view name = "scatter_add";
  static constexpr std::string_view equation = "y = x but y[b,i[j],:] += u[b,j,:]";
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    if (pass == Pass::forward) {
      walk(s, t, [](T& to, T from) { to += from; });
      return;
    }
    std::copy_n(t["diff_dst"], s.mb * s.n * s.dim, t["diff_src"]);
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t j = 0; j < s.m; ++j) {
        const T* row = t["diff_dst"] + (b * s.n + place(t["indices"][j], s.n)) * s.dim;
        std::copy_n(row, s.dim, t["diff_updates"] + (b * s.m + j) * s.dim);
      }
    }
  }
};

/// mb bags of m places each in one table of n rows.
struct EmbeddingBag : Base<EmbeddingBag> {
  static constexpr std::string_view name = "embedding_bag";
  static constexpr std::string_view equation =
      "y[b,:] = sum over j of w[i[b,j],:]; a mean divides it by m";
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_weights});
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    if (pass != Pass::forward) {
      std::fill_n(t["diff_weights"], s.n * s.dim, T(0));
    }
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t j = 0; j < s.m; ++j) {
        const std::int64_t row = place(t["indices"][b * s.m + j], s.n) * s.dim;
        for (std::int64_t k = 0; k < s.dim; ++k) {
          if (pass != Pass::forward) {
            t["diff_weights"][row + k] += t["diff_dst"][b * s.dim + k];
          } else if (j == 0) {
            t["dst"][b * s.dim + k] = t["weights"][row + k];
          } else {
            t["dst"][b * s.dim + k] += t["weights"][row + k];
          }
        }
      }
    }
  }
};

/// The m largest of n numbers in falling order, and their places, of mb rows; found by taking the
/// largest of what is left m times. An algorithm that sorts needs other numbers of comparisons,
/// which depend on the data.
struct TopK : Base<TopK> {
  static constexpr std::string_view name = "topk";
  static constexpr std::string_view equation =
      "y[b,:] = the m largest of x[b,:], and their places, the largest first";
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static Shape complete(const Shape& s);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  /// Backward, what comes to a place that was taken goes back there.
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    if (pass != Pass::forward) {
      std::fill_n(t["diff_src"], s.mb * s.n, T(0));
      for (std::int64_t i = 0; i < s.mb * s.m; ++i) {
        t["diff_src"][i / s.m * s.n + place(t["places"][i], s.n)] = t["diff_dst"][i];
      }
      return;
    }
    std::vector<std::int64_t> left(static_cast<std::size_t>(s.n));
    for (std::int64_t b = 0; b < s.mb; ++b) {
      const T* x = t["src"] + b * s.n;
      for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = static_cast<std::int64_t>(i);
      }
      auto end = left.end();
      for (std::int64_t j = 0; j < s.m; ++j) {
        auto best = left.begin();
        for (auto at = left.begin() + 1; at < end; ++at) {
          best = x[*at] > x[*best] ? at : best;
        }
        t["dst"][b * s.m + j] = x[*best];
        t["places"][b * s.m + j] = T(static_cast<double>(*best));
        end = std::move(best + 1, end, best);  // the others keep their order
      }
    }
  }
};

}  // namespace flopmeter::indexed
