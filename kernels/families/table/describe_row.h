// A layer that is one row of a table: the row is data, and what its layers share is said once, for all
// rows. A layer of a folder of its own is described by its type instead, see kernels/layer.h.
#pragma once

#include "kernels/layer.h"

namespace flopmeter {

/// Runs a row's reference as the backend that is timed as a baseline.
template <class Table>
AnyBackend reference_of_row(const typename Table::Row& row) {
  AnyBackend backend{.name = "reference", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup,
                           Tensors<float>& tensors) -> Preparation {
    if (const auto reason = reference_unavailable(setup)) {
      return *reason;
    }
    return Prepared{.run = [&row, v, pass = setup.pass,
                            &tensors] { Table::template reference<float>(row, v, pass, tensors); },
                    .implementation = std::string(reference_implementation)};
  };
  backend.counted = [&row](const Values& v, Pass pass, Tensors<Counted<float>>& tensors) {
    Table::template reference<Counted<float>>(row, v, pass, tensors);
  };
  backend.stated = [&row](const Values& v, Pass pass) {
    return Table::formula(row, v, pass).in_bounds;
  };
  return backend;
}

template <class Table, class T>
Reference<T> reference_function(const typename Table::Row& row) {
  return [&row](const Values& v, Pass pass, Tensors<T>& tensors) {
    Table::template reference<T>(row, v, pass, tensors);
  };
}

/// The layer of a row, which must outlive it. A table says of each row, as a layer does of itself:
/// fields, passes, parse, print, complete, variables, operands, formula, tolerance, reference<T>, and
/// as eigen(row) and onednn(row) its other backends. A row has a name and an equation.
template <class Table>
AnyLayer describe_row(const typename Table::Row& row, std::string_view default_shapes) {
  AnyLayer any;
  any.name = row.name;
  any.equation = row.equation;
  any.default_shapes = default_shapes;
  any.fields = Table::fields(row);
  any.passes = Table::passes(row);
  any.complete = [&row, fields = any.fields](const Values& v) {
    check_lowest(fields, row.name, v);
    return Table::complete(row, v);
  };
  any.parse = [&row, complete = any.complete](std::string_view text) {
    return complete(Table::parse(row, text));
  };
  any.print = [&row](const Values& v) { return Table::print(row, v); };
  any.variables = [&row](const Values& v) { return Table::variables(row, v); };
  any.padded_out = [](const Values& v) { return v; };
  any.operands = [&row](const Values& v, Pass pass) { return Table::operands(row, v, pass); };
  any.formula = [&row](const Values& v, Pass pass) { return Table::formula(row, v, pass); };
  any.tolerance = [&row](const Values& v, Pass pass, Dtype dtype) {
    return Table::tolerance(row, v, pass, dtype);
  };
  any.references = {reference_function<Table, float>(row), reference_function<Table, double>(row),
                    reference_function<Table, Counted<float>>(row),
                    reference_function<Table, Counted<double>>(row)};
  any.backends = {reference_of_row<Table>(row), Table::eigen(row), Table::onednn(row)};
  return any;
}

/// The layers of all rows, each with the default shapes that `shapes_of` has for its name.
template <class Table>
std::vector<AnyLayer> describe_rows(const std::vector<typename Table::Row>& rows,
                                    std::string_view (*shapes_of)(std::string_view)) {
  std::vector<AnyLayer> all;
  all.reserve(rows.size());
  for (const auto& row : rows) {
    all.push_back(describe_row<Table>(row, shapes_of(row.name)));
  }
  return all;
}

/// One function for each scalar type that references are run on.
template <template <class> class F>
using ForScalars = std::tuple<F<float>, F<double>, F<Counted<float>>, F<Counted<double>>>;

}  // namespace flopmeter
