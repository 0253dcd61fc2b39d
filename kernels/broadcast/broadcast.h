// y = f(a, b) or f(a, b, c), element by element, where a dimension of 1 is repeated: one table of
// functions, each row of which is a layer.
// da = sum of dy * df/da over what was repeated of a, and so on
#pragma once

#include "kernels/broadcast/walk.h"
#include "kernels/families/table/describe_row.h"

namespace flopmeter::broadcast {

/// y[i] = f of the i-th elements of a row of each source.
template <class T>
using RowLoop = void (*)(std::int64_t n, const Slices<T>&, T* y);
/// Adds the terms of a row to the gradient of one source.
template <class T>
using GradientLoop = void (*)(std::int64_t n, const T* dy, const Slices<T>&, const Sum<T>&);

/// The gradient of one source: of one term of its sum. A product that is summed up as it stands is
/// a MAC.
struct Gradient {
  bool exists = false;
  OpCounts term = {};
  bool product = false;
};

/// One function: what is said of it, and its loops.
struct Row {
  std::string_view name;
  std::string_view equation;
  std::size_t sources = 2;
  OpCounts value = {};  // of one element
  std::array<Gradient, most_sources> gradients = {};
  bool gradients_read = true;  // the sources
  std::array<Domain, most_sources> domains = {};
  std::size_t parameter = most_sources;  // the source that is learned, if there is one
  double steepest = 1;                   // how large terms of gradients can become
  bool array = false;  // whether the definition is an Eigen array expression as it stands
  ForScalars<RowLoop> values = {};
  std::array<ForScalars<GradientLoop>, most_sources> gradient_loops = {};
  RowLoop<float> eigen = nullptr;
  RowLoop<Counted<float>> counted_eigen = nullptr;
};

std::vector<Row> arithmetic_rows();
std::vector<Row> selection_rows();
const std::vector<Row>& rows();

Preparation prepare_onednn(const Row&, const Values&, const Setup&, Tensors<float>&);

inline constexpr std::array<std::string_view, most_sources> names{"src0", "src1", "src2"};
inline constexpr std::array<std::string_view, most_sources> diff_names{"diff_src0", "diff_src1",
                                                                       "diff_src2"};

struct Table {
  using Row = broadcast::Row;
  static std::vector<FieldInfo> fields(const Row&);
  static std::vector<Pass> passes(const Row&);
  static Values parse(const Row&, std::string_view text);
  static std::string print(const Row&, const Values&);
  static Values complete(const Row&, Values);
  static std::vector<Variable> variables(const Row&, const Values&);
  static std::vector<Operand> operands(const Row&, const Values&, Pass);
  static Formula formula(const Row&, const Values&, Pass);
  static Tolerance tolerance(const Row&, const Values&, Pass, Dtype);
  static AnyBackend eigen(const Row&);
  static AnyBackend onednn(const Row&);

  template <class T>
  static void reference(const Row& row, const Values& v, Pass pass, Tensors<T>& t) {
    const Walk walk(shape_of(row, v));
    Slices<T> sources;
    for (std::size_t i = 0; i < row.sources; ++i) {
      sources.at[i] = t[names[i]];
    }
    if (pass == Pass::forward) {
      walk.for_rows(sources, [&](std::int64_t first, const Slices<T>& slices) {
        std::get<RowLoop<T>>(row.values)(walk.length(), slices, t["dst"] + first);
      });
      return;
    }
    for (std::size_t i = 0; i < row.sources; ++i) {
      if (has_gradient(row, i, pass)) {
        const auto loop = std::get<GradientLoop<T>>(row.gradient_loops[i]);
        const T* dy = t["diff_dst"];
        walk.for_sums(sources, i, t[diff_names[i]],
                      [&](std::int64_t first, const Slices<T>& slices, const Sum<T>& sum) {
                        loop(walk.length(), dy + first, slices, sum);
                      });
      }
    }
  }

  static Shape shape_of(const Row&, const Values&);
  /// Of the sources, or of the one that is learned, in the pass that computes it.
  static bool has_gradient(const Row&, std::size_t source, Pass);
};

}  // namespace flopmeter::broadcast
