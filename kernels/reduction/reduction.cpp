#include "kernels/reduction/reduction.h"

#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/tolerance.h"

namespace flopmeter::reduction {
namespace {

constexpr std::string_view form =
    "source and result, with 1 where an axis is reduced, as in 2x3x4:2x1x4";
constexpr std::array<std::string_view, 2 * dims::rank> keys{
    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"};

/// Distances of all elements whose index is 0 along the axes that are not `wanted`.
Dims offsets(const Shape& shape, bool wanted) {
  Dims walked = shape.source;
  for (std::size_t d = 0; d < walked.size(); ++d) {
    walked[d] = shape.reduced[d] == wanted ? walked[d] : 1;
  }
  const Dims strides = dims::strides(shape.source);
  Dims all;
  dims::for_each_index(walked, [&](const Dims& index) {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < index.size(); ++d) {
      offset += index[d] * strides[d];
    }
    all.push_back(offset);
  });
  return all;
}

std::int64_t results(const Shape& shape) { return dims::product(shape.result()); }
std::int64_t terms(const Shape& shape) { return dims::product(shape.source) / results(shape); }

}  // namespace

Dims Shape::result() const {
  Dims left = source;
  for (std::size_t d = 0; d < left.size(); ++d) {
    left[d] = reduced[d] ? 1 : left[d];
  }
  return left;
}

Dims Shape::term_offsets() const { return offsets(*this, true); }
Dims Shape::result_offsets() const { return offsets(*this, false); }

std::vector<FieldInfo> Table::fields(const Row&) {
  constexpr std::array<std::int64_t, dims::rank> highest{1, 1, 1, 2, 3, 3, 4, 12};
  std::vector<FieldInfo> fields;
  for (std::size_t i = 0; i < dims::rank; ++i) {
    fields.push_back({keys[i], 1, 1, 1, highest[i], "dimensions of the source, the last one a7"});
  }
  for (std::size_t i = 0; i < dims::rank; ++i) {
    fields.push_back({keys[dims::rank + i], 0, 0, 0, 1, "1: that axis is reduced"});
  }
  return fields;
}

std::vector<Pass> Table::passes(const Row& row) {
  if (row.backward == nullptr) {
    return {Pass::forward};
  }
  return {Pass::forward, Pass::backward_data};
}

Values Table::parse(const Row& row, std::string_view text) {
  const std::vector<Dims> lists = dims::parse_lists(text, row.name, 2, 2, form);
  const Dims& source = lists[0];
  const Dims& result = lists[1];
  if (source.size() != result.size()) {
    bad_input("{} shape '{}': both lists must have the same rank: write {}", row.name, text, form);
  }
  Dims flags(source.size(), 0);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (result[i] != source[i] && result[i] != 1) {
      bad_input("{} shape '{}': dimension {} of the result must be {} or 1", row.name, text,
                result[i], source[i]);
    }
    flags[i] = result[i] != source[i] ? 1 : 0;
  }
  Values values(2 * dims::rank);
  dims::put(values, 0, source, 1, row.name);
  dims::put(values, 1, flags, 0, row.name);
  return values;
}

Shape Table::shape_of(const Values& v) {
  Shape shape;
  shape.source.assign(v.begin(), v.begin() + dims::rank);
  for (std::size_t i = 0; i < dims::rank; ++i) {
    shape.reduced.push_back(v.at(dims::rank + i) != 0);
  }
  return shape;
}

/// An axis of one element is not reduced.
Values Table::complete(const Row& row, Values v) {
  for (std::size_t i = 0; i < dims::rank; ++i) {
    std::int64_t& flag = v.at(dims::rank + i);
    check_flag(row.name, keys[dims::rank + i], flag);
    flag = v[i] == 1 ? 0 : flag;
  }
  return v;
}

std::string Table::print(const Row&, const Values& v) {
  const Shape shape = shape_of(v);
  const auto first =
      std::find_if(shape.source.begin(), shape.source.end() - 1, [](auto dim) { return dim != 1; });
  const auto leading = first - shape.source.begin();
  const Dims result = shape.result();
  return dims::print(
      {Dims(first, shape.source.end()), Dims(result.begin() + leading, result.end())});
}

std::vector<Variable> Table::variables(const Row&, const Values& v) {
  const Shape shape = shape_of(v);
  return {{"elements", dims::product(shape.source)}, {"results", results(shape)}};
}

std::vector<Operand> Table::operands(const Row& row, const Values& v, Pass pass) {
  const Shape shape = shape_of(v);
  const Operand source{"src", shape.source, Role::input, row.domain};
  if (pass == Pass::forward) {
    return {source, {"dst", shape.result(), Role::output}};
  }
  std::vector<Operand> all;
  if (row.reads.x) {
    all.push_back(source);
  }
  if (row.reads.y) {
    all.push_back({"dst", shape.result(), Role::input});
  }
  all.push_back({"diff_dst", shape.result(), Role::input});
  all.push_back({"diff_src", shape.source, Role::output});
  return all;
}

Formula Table::formula(const Row& row, const Values& v, Pass pass) {
  const Shape shape = shape_of(v);
  const OpCounts one =
      pass == Pass::forward ? row.forward(terms(shape)) : row.backward(terms(shape));
  return unpadded(0, results(shape) * one);
}

/// A sum of as many terms, some operations before and behind it.
Tolerance Table::tolerance(const Row& row, const Values& v, Pass, Dtype dtype) {
  const std::int64_t n = terms(shape_of(v));
  Tolerance tolerance = sum_tolerance(n + 8, dtype);
  tolerance.relative += row.relative * static_cast<double>(n + 2) * unit_roundoff(Dtype::f32);
  return tolerance;
}

namespace {

/// Source as outer x n x inner with the middle reduced.
struct Block {
  std::int64_t n;
  std::int64_t stride;
};

/// The block that the reduced axes make up, if they are neighbours.
std::optional<Block> block(const Shape& shape) {
  Block found{1, 1};
  const Dims strides = dims::strides(shape.source);
  for (std::size_t d = shape.source.size(); d-- > 0;) {
    if (shape.reduced[d]) {
      if (found.n != 1 && strides[d] != found.n * found.stride) {
        return std::nullopt;
      }
      found.stride = found.n == 1 ? strides[d] : found.stride;
      found.n *= shape.source[d];
    }
  }
  return found;
}

}  // namespace

AnyBackend Table::eigen(const Row& row) {
  AnyBackend backend{.name = "eigen", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup,
                           Tensors<float>& tensors) -> Preparation {
    if (const auto reason = eigen::unavailable(setup)) {
      return *reason;
    }
    if (row.eigen == nullptr) {
      return Unavailable{fmt::format("Eigen has no expression of {}", row.name)};
    }
    const std::optional<Block> reduced = block(shape_of(v));
    if (!reduced) {
      return Unavailable{"Eigen reduces axes that are neighbours"};
    }
    return Prepared{.run =
                        [&row, reduced, firsts = shape_of(v).result_offsets(), x = tensors["src"],
                         y = tensors["dst"], threads = setup.threads] {
                          eigen::share(std::ssize(firsts), threads, [&](std::int64_t i) {
                            const float* first = x + firsts[static_cast<std::size_t>(i)];
                            y[i] = row.eigen(first, reduced->n, reduced->stride);
                          });
                        },
                    .implementation = "Eigen array reduction"};
  };
  if (row.eigen == nullptr) {
    return backend;
  }
  // Also where the axes are no neighbours: the operations are those of as many terms in one block.
  backend.counted = [&row](const Values& v, Pass, Tensors<Counted<float>>& tensors) {
    const Shape shape = shape_of(v);
    const Dims offsets = shape.term_offsets();
    AlignedVector<Counted<float>> together(offsets.size());
    std::int64_t i = 0;
    for (const std::int64_t first : shape.result_offsets()) {
      const Terms<Counted<float>> x{tensors["src"] + first, &offsets};
      for (std::int64_t k = 0; k < x.size(); ++k) {
        together[static_cast<std::size_t>(k)] = x[k];
      }
      tensors["dst"][i++] = row.counted_eigen(together.data(), x.size(), 1);
    }
  };
  backend.stated = [&row](const Values& v, Pass pass) { return formula(row, v, pass).in_bounds; };
  return backend;
}

AnyBackend Table::onednn(const Row& row) {
  AnyBackend backend{.name = "onednn", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup, Tensors<float>& tensors) {
    return prepare_onednn(row, v, setup, tensors);
  };
  return backend;
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() { return describe_rows<Table>(rows(), shapes_of); }

}  // namespace flopmeter::reduction
