#include "kernels/quantized/quantized.h"

#include "kernels/tolerance.h"

namespace flopmeter::quantized {

/// GGUF's formats as ggml stores them; ONNX Runtime's MatMulNBits with 4 and 8 bits.
const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {.name = "linear_q4_0",
       .equation =
           "y[n,o] = b[o] + sum_i x[n,i] * d * (q[o,i] - 8), q of 4 bits, an f16 d for 32 weights",
       .bits = 4,
       .block = 32,
       .zero = 8},
      {.name = "linear_q8_0",
       .equation =
           "y[n,o] = b[o] + sum_i x[n,i] * d * q[o,i], q of 8 bits, an f16 d for 32 weights",
       .bits = 8,
       .block = 32,
       .signed_code = true},
      {.name = "linear_q4_k",
       .equation =
           "y[n,o] = b[o] + sum_i x[n,i] * (d * s * q[o,i] - e * t), q of 4 bits, s and t of 6 "
           "for 32 weights, f16 d and e for 256",
       .bits = 4,
       .block = 32,
       .outer = 256},
      {.name = "linear_n4bits",
       .equation =
           "y[n,o] = b[o] + sum_i x[n,i] * d * (q[o,i] - z), q of 4 bits, d and z for a block",
       .bits = 4,
       .block = 0,
       .zero = 8,
       .scale_bytes = of_dtype},
      {.name = "linear_n8bits",
       .equation =
           "y[n,o] = b[o] + sum_i x[n,i] * d * (q[o,i] - z), q of 8 bits, d and z for a block",
       .bits = 8,
       .block = 0,
       .zero = 128,
       .scale_bytes = of_dtype},
  };
  return all;
}

namespace {

std::int64_t weights(const Shape& s) { return checked_multiply(s.oc, s.ic); }

/// Bytes of the codes: a block that is not full is stored in full.
std::int64_t code_bytes(const Row& row, const Shape& s) {
  return checked_product(s.oc, s.blocks(), s.block) * row.bits / 8;
}

/// How much a code times a scale may be: about 1/2 with these scales.
float scale_of(const Row& row) {
  return row.nested() ? 1.0F / 1024 : row.bits == 8 ? 1.0F / 256 : 1.0F / 16;
}

Operand packing(std::string_view name, std::vector<std::int64_t> dims, Domain domain,
                std::int64_t bytes) {
  return {name, std::move(dims), Role::parameter, domain, all_elements, bytes, true};
}

std::vector<Operand> stored_operands(const Row& row, const Shape& s) {
  const Domain codes{Domain::Kind::index, std::int64_t{1} << static_cast<unsigned>(row.bits)};
  const Domain six_bits{Domain::Kind::index, 64};
  const Domain scales{Domain::Kind::any, 0, scale_of(row)};
  std::vector<Operand> all{
      {"weights", {s.oc, s.ic}, Role::parameter, codes, all_elements, code_bytes(row, s)}};
  const std::int64_t blocks = checked_multiply(s.oc, s.blocks());
  if (row.nested()) {
    const std::int64_t outer = weights(s) / row.outer;
    all.push_back(packing("scales", {s.oc, s.ic / row.outer}, scales, 2 * outer));
    all.push_back(
        packing("minima", {s.oc, s.ic / row.outer}, {Domain::Kind::any, 0, 1.0F / 128}, 2 * outer));
    all.push_back(packing("block_scales", {s.oc, s.blocks()}, six_bits, blocks * 6 / 8));
    all.push_back(packing("block_minima", {s.oc, s.blocks()}, six_bits, blocks * 6 / 8));
    return all;
  }
  const std::int64_t bytes =
      row.scale_bytes == of_dtype ? of_dtype : checked_multiply(row.scale_bytes, blocks);
  all.push_back(packing("scales", {s.oc, s.blocks()}, scales, bytes));
  if (s.zp != 0) {
    all.push_back(packing("zero_points", {s.oc, s.blocks()}, codes,
                          checked_multiply(s.oc, (s.blocks() * row.bits + 7) / 8)));
  }
  return all;
}

}  // namespace

Shape shape_of(const Row& row, const Values& v) {
  Shape s{v.at(0), v.at(1), v.at(2), v.at(3), row.block, 0};
  if (row.block == 0) {
    s.block = v.at(4);
    s.zp = v.at(5);
  }
  return s;
}

OpCounts unpacking(const Row& row, const Shape& s) {
  const std::int64_t n = weights(s);
  const std::int64_t blocks = checked_multiply(s.oc, s.blocks());
  OpCounts counts{.multiplies = n, .conversions = n, .unpacks = row.packed() ? n : 0};
  if (row.nested()) {
    counts.adds = n;
    return counts +
           OpCounts{.multiplies = 2 * blocks, .conversions = 2 * blocks, .unpacks = 2 * blocks};
  }
  counts.adds = row.shifts(s) ? n : 0;
  if (s.zp != 0) {
    counts.conversions = checked_add(counts.conversions, blocks);
    counts.unpacks = checked_add(counts.unpacks, row.packed() ? blocks : 0);
  }
  return counts;
}

std::vector<FieldInfo> Table::fields(const Row& row) {
  const std::int64_t unit = row.nested() ? row.outer : row.block;
  std::vector<FieldInfo> fields{{"mb", 2, 1, 1, 5, "samples or tokens"},
                                {"ic", unset, 1, std::max<std::int64_t>(1, unit),
                                 unit == 0 ? 70 : 2 * unit, "input features"},
                                {"oc", unset, 1, 1, 20, "output features"},
                                {"bias", 1, 0, 0, 1, "1: with a bias"}};
  if (row.block == 0) {
    fields.push_back({"block", 32, 2, 16, 40, "weights that share a scale, an even number"});
    fields.push_back({"zp", 0, 0, 0, 1, "1: with a zero point for each block"});
  }
  return fields;
}

std::vector<Pass> Table::passes(const Row&) { return {Pass::forward, Pass::backward_data}; }

Values Table::parse(const Row& row, std::string_view text) {
  return parse_fields(fields(row), row.name, text);
}

Values Table::complete(const Row& row, Values v) {
  if (v.at(1) == unset || v.at(2) == unset) {
    bad_input("{} needs ic and oc, as in mb1ic4096oc4096bias0", row.name);
  }
  check_flag(row.name, "bias", v.at(3));
  const Shape s = shape_of(row, v);
  const std::int64_t unit = row.nested() ? row.outer : row.block;
  if (unit != 0 && s.ic % unit != 0) {
    bad_input("{}: ic is {}, must be a multiple of the {} weights of a block", row.name, s.ic,
              unit);
  }
  if (row.block == 0) {
    check_flag(row.name, "zp", s.zp);
    if (s.block % 2 != 0) {
      bad_input("{}: block is {}, must be even", row.name, s.block);
    }
  }
  return v;
}

std::string Table::print(const Row& row, const Values& v) {
  constexpr std::array<std::string_view, 3> always{"mb", "ic", "oc"};
  return print_fields(fields(row), v, always);
}

std::vector<Variable> Table::variables(const Row& row, const Values& v) {
  return {{"blocks", checked_multiply(shape_of(row, v).oc, shape_of(row, v).blocks())}};
}

std::vector<Operand> Table::operands(const Row& row, const Values& v, Pass pass) {
  const Shape s = shape_of(row, v);
  std::vector<Operand> all = stored_operands(row, s);
  if (pass != Pass::forward) {
    all.insert(all.begin(), {"diff_dst", {s.mb, s.oc}, Role::input});
    all.push_back({"diff_src", {s.mb, s.ic}, Role::output});
    return all;
  }
  all.insert(all.begin(), {"src", {s.mb, s.ic}, Role::input});
  if (s.bias != 0) {
    all.push_back({"bias", {s.oc}, Role::parameter});
  }
  all.push_back({"dst", {s.mb, s.oc}, Role::output});
  return all;
}

Formula Table::formula(const Row& row, const Values& v, Pass pass) {
  const Shape s = shape_of(row, v);
  const OpCounts products = pass == Pass::forward
                                ? sums_of_products(checked_multiply(s.mb, s.oc), s.ic, s.bias != 0)
                                : sums_of_products(checked_multiply(s.mb, s.ic), s.oc, false);
  const std::int64_t parameters = checked_add(weights(s), s.bias != 0 ? s.oc : 0);
  return unpadded(parameters, products + unpacking(row, s));
}

/// Weights below 1 in magnitude that are rounded up to three times before they are used.
Tolerance Table::tolerance(const Row& row, const Values& v, Pass pass, Dtype dtype) {
  const Shape s = shape_of(row, v);
  const std::int64_t terms = pass == Pass::forward ? s.ic + s.bias : s.oc;
  return sum_tolerance(checked_multiply(4, terms), dtype);
}

AnyBackend Table::onednn(const Row&) {
  AnyBackend backend{.name = "onednn", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [](const Values&, const Setup&, Tensors<float>&) -> Preparation {
    return Unavailable{
        "oneDNN below 3.5 has no weights that are stored as codes, and later ones are "
        "not asked for them"};
  };
  return backend;
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() { return describe_rows<Table>(rows(), shapes_of); }

}  // namespace flopmeter::quantized
