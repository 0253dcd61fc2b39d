// y[i] = f(x[i]), dx[i] = dy[i] * f'(x[i]): one table of functions, each row of which is a layer.
// x, y, dx, dy: mb x ic x id x ih x iw
#pragma once

#include "kernels/families/table/describe_row.h"

namespace flopmeter::unary {

/// What the gradient is computed from besides dy. `nothing`: there is no backward pass.
enum class Reads { nothing, x, y };

/// y[i] = f(x[i]), and dx[i] from dy[i] and what was read.
template <class T>
using Values1 = void (*)(std::int64_t n, const T* x, T* y);
template <class T>
using Gradients1 = void (*)(std::int64_t n, const T* read, const T* dy, T* dx);

/// One function: what is said of it, and its loops.
struct Row {
  std::string_view name;
  std::string_view equation;
  OpCounts forward = {};   // of one element
  OpCounts backward = {};  // of one element
  Reads reads = Reads::nothing;
  Domain domain = {};
  bool array = false;  // whether the definition is an Eigen array expression as it stands
  ForScalars<Values1> values = {};
  ForScalars<Gradients1> gradients = {};
  Values1<float> eigen = nullptr;
  Values1<Counted<float>> counted_eigen = nullptr;
};

/// The rows of each file, and all of them.
std::vector<Row> activation_rows();
std::vector<Row> piecewise_rows();
std::vector<Row> elementary_rows();
std::vector<Row> trigonometric_rows();
std::vector<Row> type_rows();
std::vector<Row> whole_number_rows();
const std::vector<Row>& rows();

Preparation prepare_onednn(const Row&, const Values&, const Setup&, Tensors<float>&);

struct Table {
  using Row = unary::Row;
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
    if (pass == Pass::forward) {
      std::get<Values1<T>>(row.values)(elements_of(v), t["src"], t["dst"]);
    } else {
      std::get<Gradients1<T>>(row.gradients)(elements_of(v), t[read_by(row)], t["diff_dst"],
                                             t["diff_src"]);
    }
  }

  /// Throws CountOverflow.
  static std::int64_t elements_of(const Values&);
  static std::string_view read_by(const Row& row) { return row.reads == Reads::y ? "dst" : "src"; }
};

}  // namespace flopmeter::unary
