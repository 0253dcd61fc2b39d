#include "kernels/broadcast/broadcast.h"

#include "kernels/eigen/pieces.h"
#include "kernels/eigen/support.h"
#include "kernels/tolerance.h"

namespace flopmeter::broadcast {
namespace {

constexpr std::array<std::string_view, most_sources> form{
    "a tensor", "both tensors, as in 2x3x4:2x1x4", "three tensors, as in 2x3x4:2x1x4:4"};

/// Keys of the first 8, the next 8 and the last 8 integers.
constexpr std::array<std::string_view, most_sources * dims::rank> keys{
    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b0", "b1", "b2", "b3",
    "b4", "b5", "b6", "b7", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
constexpr std::array<std::string_view, most_sources> meanings{
    "dimensions of src0, the last one a7", "dimensions of src1, equal or either 1",
    "dimensions of src2, equal or either 1"};

/// Missing dimensions are leading ones.
Shape of_one_rank(std::vector<Dims> lists) {
  std::size_t most = 0;
  for (const Dims& list : lists) {
    most = std::max(most, list.size());
  }
  for (Dims& list : lists) {
    list.insert(list.begin(), most - list.size(), 1);
  }
  return {std::move(lists)};
}

OpCounts gradient_counts(const Gradient& gradient, std::int64_t elements, std::int64_t terms) {
  OpCounts counts = checked_multiply(elements, terms) * gradient.term;
  counts.adds = checked_add(counts.adds, checked_multiply(elements, terms - 1));
  if (gradient.product && terms > 1) {
    counts.macs = checked_add(counts.macs, checked_multiply(elements, terms));
  }
  return counts;
}

}  // namespace

std::vector<FieldInfo> Table::fields(const Row& row) {
  std::vector<FieldInfo> fields;
  for (std::size_t i = 0; i < row.sources * dims::rank; ++i) {
    const std::size_t at = i % dims::rank;
    const std::int64_t high = at < 3 ? 1 : at == 3 ? 2 : at == 7 ? 20 : 4;
    fields.push_back({keys[i], 1, 1, 1, high, meanings[i / dims::rank]});
  }
  return fields;
}

std::vector<Pass> Table::passes(const Row& row) {
  std::vector<Pass> passes{Pass::forward};
  for (const Pass pass : {Pass::backward_data, Pass::backward_weights}) {
    if (has_gradient(row, 0, pass) || has_gradient(row, 1, pass) || has_gradient(row, 2, pass)) {
      passes.push_back(pass);
    }
  }
  return passes;
}

/// Of any rank: where there are more dimensions than integers, neighbours that are repeated alike
/// become one.
Values Table::parse(const Row& row, std::string_view text) {
  Shape shape = of_one_rank(
      dims::parse_lists(text, row.name, row.sources, row.sources, form[row.sources - 1]));
  if (shape.sources.front().size() > dims::rank) {
    check(shape, row.name);
    shape = merged(shape);
  }
  Values values(row.sources * dims::rank);
  for (std::size_t i = 0; i < row.sources; ++i) {
    dims::put(values, i, shape.sources[i], 1, row.name);
  }
  return values;
}

Shape Table::shape_of(const Row& row, const Values& v) {
  Shape shape;
  for (std::size_t i = 0; i < row.sources; ++i) {
    const auto begin = v.begin() + static_cast<std::ptrdiff_t>(i * dims::rank);
    shape.sources.emplace_back(begin, begin + dims::rank);
  }
  return shape;
}

Values Table::complete(const Row& row, Values v) {
  check(shape_of(row, v), row.name);
  return v;
}

std::string Table::print(const Row& row, const Values& v) {
  Shape shape = shape_of(row, v);
  const Dims result = shape.result();
  const auto first =
      std::find_if(result.begin(), result.end() - 1, [](std::int64_t dim) { return dim != 1; });
  for (Dims& source : shape.sources) {
    source.erase(source.begin(), source.begin() + (first - result.begin()));
  }
  return dims::print(shape.sources);
}

std::vector<Variable> Table::variables(const Row& row, const Values& v) {
  return {{"elements", dims::product(shape_of(row, v).result())}};
}

bool Table::has_gradient(const Row& row, std::size_t source, Pass pass) {
  const Pass own = source == row.parameter ? Pass::backward_weights : Pass::backward_data;
  return pass == own && row.gradients[source].exists;
}

std::vector<Operand> Table::operands(const Row& row, const Values& v, Pass pass) {
  const Shape shape = shape_of(row, v);
  std::vector<Operand> all;
  for (std::size_t i = 0; i < row.sources && (pass == Pass::forward || row.gradients_read); ++i) {
    const Role role = i == row.parameter ? Role::parameter : Role::input;
    all.push_back({names[i], shape.sources[i], role, row.domains[i]});
  }
  if (pass == Pass::forward) {
    all.push_back({"dst", shape.result(), Role::output});
    return all;
  }
  all.push_back({"diff_dst", shape.result(), Role::input});
  for (std::size_t i = 0; i < row.sources; ++i) {
    if (has_gradient(row, i, pass)) {
      all.push_back({diff_names[i], shape.sources[i], Role::output});
    }
  }
  return all;
}

Formula Table::formula(const Row& row, const Values& v, Pass pass) {
  const Shape shape = shape_of(row, v);
  const std::int64_t parameters =
      row.parameter < row.sources ? dims::product(shape.sources[row.parameter]) : 0;
  if (pass == Pass::forward) {
    return unpadded(parameters, dims::product(shape.result()) * row.value);
  }
  OpCounts counts;
  for (std::size_t i = 0; i < row.sources; ++i) {
    if (has_gradient(row, i, pass)) {
      counts = counts + gradient_counts(row.gradients[i], dims::product(shape.sources[i]),
                                        shape.repetitions(i));
    }
  }
  return unpadded(parameters, counts);
}

/// Each operation rounds once; backward there is a sum over the repetitions.
Tolerance Table::tolerance(const Row& row, const Values& v, Pass pass, Dtype dtype) {
  const OpCounts& o = row.value;
  const std::int64_t roundings =
      o.multiplies + o.adds + o.divides + 4 * (o.exponentials + o.logarithms);
  if (pass == Pass::forward) {
    const double error = static_cast<double>(roundings - 1) * unit_roundoff(Dtype::f32);
    return {.absolute = roundings > 1 ? 2 * error : 0,
            .relative = 2 * unit_roundoff(dtype) + (roundings > 1 ? 2 * error : 0)};
  }
  const Shape shape = shape_of(row, v);
  std::int64_t terms = 1;
  for (std::size_t i = 0; i < row.sources; ++i) {
    terms = std::max(terms, shape.repetitions(i));
  }
  Tolerance tolerance =
      sum_tolerance(checked_multiply(terms, std::max<std::int64_t>(1, roundings)), dtype);
  tolerance.absolute *= row.steepest;
  return tolerance;
}

namespace {

/// Rows shared among the threads, or pieces of the one row.
template <class T>
void run_rows(const Walk& walk, RowLoop<T> loop, const Slices<T>& sources, T* y, int threads) {
  std::vector<std::pair<std::int64_t, Slices<T>>> rows;
  walk.for_rows(sources, [&](std::int64_t first, const Slices<T>& slices) {
    rows.emplace_back(first, slices);
  });
  if (rows.size() > 1) {
    eigen::share(std::ssize(rows), threads, [&](std::int64_t i) {
      const auto& [first, slices] = rows[static_cast<std::size_t>(i)];
      loop(walk.length(), slices, y + first);
    });
    return;
  }
  eigen::in_pieces(walk.length(), threads, [&](std::int64_t begin, std::int64_t length) {
    Slices<T> piece = rows.front().second;
    for (std::size_t s = 0; s < most_sources; ++s) {
      piece.at[s] += begin * piece.steps[s];
    }
    loop(length, piece, y + begin);
  });
}

template <class T>
Slices<T> sources_of(const Row& row, Tensors<T>& tensors) {
  Slices<T> sources;
  for (std::size_t i = 0; i < row.sources; ++i) {
    sources.at[i] = tensors[names[i]];
  }
  return sources;
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
      return Unavailable{fmt::format("Eigen has no array expression of {}", row.name)};
    }
    return Prepared{
        .run = [&row, walk = Walk(shape_of(row, v)), sources = sources_of(row, tensors),
                y = tensors["dst"],
                threads = setup.threads] { run_rows(walk, row.eigen, sources, y, threads); },
        .implementation = "Eigen array expression"};
  };
  if (row.eigen == nullptr) {
    return backend;
  }
  backend.counted = [&row](const Values& v, Pass, Tensors<Counted<float>>& tensors) {
    run_rows(Walk(shape_of(row, v)), row.counted_eigen, sources_of(row, tensors), tensors["dst"],
             1);
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

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> joined = arithmetic_rows();
    const std::vector<Row> more = selection_rows();
    joined.insert(joined.end(), more.begin(), more.end());
    return joined;
  }();
  return all;
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() { return describe_rows<Table>(rows(), shapes_of); }

}  // namespace flopmeter::broadcast
