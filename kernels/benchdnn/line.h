// Problems as people paste them: a layer or a driver of benchdnn, options, and a shape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/benchdnn/driver.h"
#include "kernels/case.h"

namespace flopmeter::benchdnn {

/// A problem with what the options before it ask for.
struct Wanted {
  Problem problem;
  std::vector<Pass> passes;
  std::vector<Dtype> dtypes;
  std::string remark;  // what is not the same as in benchdnn, may be empty
};

/// Whose shapes are read: a layer, or a driver whose options and shapes say which layer.
struct Subject {
  const AnyLayer* layer = nullptr;
  const Driver* driver = nullptr;
};

/// A layer of that name (or a common other name of it), or else a driver's. Throws BadInput with the
/// nearest names.
Subject find_subject(std::string_view name);

/// What became of one shape: a problem for each of the combinations of options that are problems of
/// their own, and why others are none.
struct Read {
  std::vector<Wanted> wanted;
  std::vector<std::string> refused;  // each reason once
};

/// A shape of the subject with the options that are in force: a driver's as benchdnn means it, a
/// layer's by its own notation and else by benchdnn's.
Read read_shape(const Subject& subject, const Options& options, std::string_view shape);

/// A shape with options in front of it: "--dir=BWD_D --dt=bf16 mb1ic3ih7oc4kh3"; also --conv. Where
/// options list several problems it is the first, which the remark says. Throws BadInput, also for an
/// option that is none of benchdnn's form.
Wanted read_line(const Subject& subject, std::string_view line);

}  // namespace flopmeter::benchdnn
