// The polynomial that a function of a layer's shapes is, where it is one.
#pragma once

#include <set>
#include <vector>

#include "validate/fit/fit.h"
#include "validate/fit/samples.h"

namespace flopmeter::fit {

/// A shape to verify a closed form on.
struct Measured {
  Values values;
  Rational value;
};

struct Inferred {
  Form form;
  std::set<std::size_t> fields;       // that change the function
  std::vector<std::size_t> culprits;  // of them, in which it is no polynomial
};

/// Looks for the polynomial, first in the layer's fields alone, then with derived variables in the
/// place of fields or beside them, and verifies it on those of the shapes that it was not inferred
/// from.
Inferred infer(const Family& family, const Function& function, const std::vector<Measured>& shapes);

/// One form for all shapes or, where there is none, for each of two kinds of shapes.
std::vector<Form> infer_forms(const claims::Scale& scale, const Function& function,
                              const std::vector<Measured>& shapes);

}  // namespace flopmeter::fit
