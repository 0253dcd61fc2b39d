// Drivers that write a shape as the dimensions of its tensors: matmul, brgemm, lnorm, softmax,
// eltwise, binary, concat, sdpa.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "kernels/benchdnn/dimensions.h"
#include "kernels/benchdnn/driver.h"
#include "kernels/layer.h"

namespace flopmeter::benchdnn {
namespace {

std::int64_t integer(const std::string& text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Dimensions ones(std::size_t rank) { return Dimensions(rank, 1); }

/// The first dimension may be overridden.
Dimensions single_tensor(const Request& r) {
  Dimensions dims = parse_tensors(r.shape, 1).front();
  const std::int64_t mb = integer(r.options.first("mb"), 0);
  dims.front() = mb > 0 ? mb : dims.front();
  return dims;
}

/// benchdnn's name of an algorithm, where it is not that of the layer.
struct Renamed {
  std::string_view alg, layer;
};

constexpr auto renamed = std::to_array<Renamed>({{"logistic", "sigmoid"},
                                                 {"swish", "silu"},
                                                 {"bounded_relu", "clip"},
                                                 {"clip_v2", "clip"},
                                                 {"soft_relu", "softplus"},
                                                 {"linear", "affine"},
                                                 {"select", "where"},
                                                 {"logsigmoid", "log_sigmoid"},
                                                 {"ge", "greater_equal"},
                                                 {"gt", "greater"},
                                                 {"le", "less_equal"},
                                                 {"lt", "less"},
                                                 {"eq", "equal"},
                                                 {"ne", "not_equal"}});

}  // namespace

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 3> prefixes{"eltwise_", "binary_", "pooling_"};
  for (const std::string_view prefix : prefixes) {
    text.erase(0, text.starts_with(prefix) ? prefix.size() : 0);
  }
  return text;
}

namespace {

/// The layer of an algorithm. Throws BadInput where there is none.
std::string layer_of(const std::string& alg) {
  const auto row = std::ranges::find(renamed, alg, &Renamed::alg);
  return existing_layer(row == renamed.end() ? std::string_view(alg) : row->layer, alg);
}

/// benchdnn's reductions; norms by their --p.
std::string reduction_of(const Options& options) {
  const std::string alg = lower_case(options.list("alg", "sum").front());
  const bool norm = alg.find("norm_lp") != std::string::npos;
  const std::string p = options.list("p", "1").front();
  const bool squares = p.starts_with('2');
  if (norm) {
    const bool root = alg.find("power") == std::string::npos;
    return existing_layer(!squares ? "reduce_l1" : root ? "reduce_l2" : "reduce_sum_square", alg);
  }
  return existing_layer("reduce_" + (alg == "mul" ? "prod" : alg), alg);
}

/// Whether its gradient is computed from the result, which the name says behind the function's.
bool from_result(std::string_view alg) {
  return alg.ends_with("_dst") || alg.ends_with("_use_dst_for_bwd");
}

std::string activation(const Options& options) {
  std::string alg = lower_case(options.list("alg", "RELU").front());
  alg.resize(!from_result(alg)       ? alg.size()
             : alg.ends_with("_bwd") ? alg.rfind("_use_dst")
                                     : alg.rfind("_dst"));
  const std::string alpha = options.first("alpha");
  const bool leaky =
      alg == "relu" && !alpha.empty() && alpha.find_first_not_of("0.") != std::string::npos;
  return leaky ? "leaky_relu" : layer_of(alg);
}

}  // namespace

namespace {

/// Rows (or columns) of A go to one of many B, each to one.
Translation grouped_product(const Request& r) {
  const auto tensors = parse_tensors(r.shape, 2);
  if (tensors[0].size() != 2 || tensors[1].size() != 3) {
    bad_input("shape '{}': a grouped product is m x k : groups x k x n", r.shape);
  }
  return {"matmul", fmt::format("{0}x{1}:{1}x{2}", tensors[0][0], tensors[0][1], tensors[1][2]),
          "products of one group of weights for each row; bytes are of one group of them"};
}

}  // namespace

/// benchdnn 2 also wrote the dimensions of the product, which follow from the others.
Translation matrix_product(const Request& r) {
  const std::string bias = r.options.first("bia_dt") + r.options.first("bia-dt");
  const bool biased = !bias.empty() && bias != "undef" && r.shape.find("bias") == std::string::npos;
  std::string shape(r.shape);
  if (!r.options.first("grouped").empty()) {
    return grouped_product(r);
  }
  const std::size_t first = shape.find(':');
  const std::size_t second = first == std::string::npos ? first : shape.find(':', first + 1);
  if (second != std::string::npos) {
    shape.resize(second);
  }
  return {"matmul", shape + (biased ? "_bias1" : ""),
          r.options.first("encoding").empty() ? "" : "counted as if no element was left out"};
}

/// A batch of bs products that are summed up is one of bs times the depth.
Translation block_product(const Request& r) {
  const auto tensors = parse_tensors(r.shape, 2);
  const std::int64_t blocks = std::max<std::int64_t>(integer(r.options.first("bs"), 1), 1);
  if (tensors[0].size() != 2 || tensors[1].size() != 2 || tensors[0][1] != tensors[1][0]) {
    bad_input("shape '{}' is no product: write m x k : k x n, as in 16x64:64x32", r.shape);
  }
  const std::int64_t depth = checked_multiply(tensors[0][1], blocks);
  return {"matmul", fmt::format("{0}x{1}:{1}x{2}", tensors[0][0], depth, tensors[1][1])};
}

Translation layer_normalization(const Request& r) {
  const Dimensions dims = single_tensor(r);
  if (dims.size() < 2) {
    bad_input("shape '{}': a normalisation of rows has two dimensions or more, as in 256x768",
              r.shape);
  }
  const bool affine =
      !r.layer.empty() || r.options.first("flags").find_first_of("CHS") != std::string::npos;
  return {std::string(r.layer.empty() ? "layernorm" : r.layer),
          fmt::format("mb{}c{}{}", product(dims, 0, dims.size() - 1), dims.back(),
                      affine ? "" : "affine0")};
}

/// Along axis 1 unless another is given, as the driver has it.
Translation softmax(const Request& r) {
  const Dimensions dims = single_tensor(r);
  const std::int64_t axis = integer(r.options.first("axis"), 1);
  if (axis < 0 || axis >= std::ssize(dims)) {
    bad_input("shape '{}': axis is {}, must be from 0 to {}", r.shape, axis, std::ssize(dims) - 1);
  }
  const std::string alg = lower_case(r.options.first("alg"));
  const bool logarithm = alg == "logsoftmax" || alg == "softmax_log";
  const auto at = static_cast<std::size_t>(axis);
  const std::int64_t rows =
      checked_multiply(product(dims, 0, at), product(dims, at + 1, dims.size()));
  Translation made{std::string(!r.layer.empty() ? r.layer
                               : logarithm      ? "log_softmax"
                                                : "softmax"),
                   fmt::format("mb{}c{}", rows, dims[at])};
  if (at + 1 != dims.size()) {
    made.remark = fmt::format("along axis {}: timed as rows that lie behind each other", axis);
  }
  return made;
}

Translation elementwise(const Request& r) {
  const Dimensions dims = single_tensor(r);
  const std::string alg = lower_case(r.options.first("alg"));
  if (r.layer.empty() && alg == "pow") {
    return {"pow", fmt::format("{0}:{1}", fmt::join(dims, "x"), fmt::join(ones(dims.size()), "x")),
            "to the power of one number; its factor alpha is not counted"};
  }
  Dimensions five(5, 1);
  // More than five are as many elements all the same.
  const std::size_t front = dims.size() > five.size() ? dims.size() - 4 : 1;
  five[0] = product(dims, 0, front);
  // The last dimension is the width, the one before it the height; two are samples and channels.
  const std::size_t rest = dims.size() - front;
  if (rest > 0) {
    five[1] = dims[front];
  }
  for (std::size_t i = 1; i < rest; ++i) {
    five[5 - rest + i] = dims[front + i];
  }
  return {std::string(r.layer.empty() ? activation(r.options) : r.layer),
          fmt::format("mb{}ic{}id{}ih{}iw{}", five[0], five[1], five[2], five[3], five[4]),
          from_result(alg) ? "benchdnn's gradient is computed from the result" : ""};
}

/// The second tensor's missing dimensions are behind, not before.
Translation binary(const Request& r) {
  const std::string alg = lower_case(r.options.list("alg", "ADD").front());
  const bool choice = r.layer == "where" || (r.layer.empty() && alg == "select");
  auto tensors = parse_tensors(r.shape, 2);
  const std::size_t most = std::max(tensors[0].size(), tensors[1].size());
  for (Dimensions& dims : tensors) {
    dims.resize(most, 1);
  }
  const std::string layer = r.layer.empty() ? layer_of(alg) : std::string(r.layer);
  const std::string both =
      fmt::format("{}:{}", fmt::join(tensors[0], "x"), fmt::join(tensors[1], "x"));
  // What chooses is as large as the first tensor.
  return {layer, choice ? fmt::format("{}:{}", fmt::join(tensors[0], "x"), both) : both};
}

Translation leaky_slopes(const Request& r) {
  parse_tensors(r.shape, 2);
  return {existing_layer("prelu", "prelu"), std::string(r.shape)};
}

Translation reduction(const Request& r) {
  parse_tensors(r.shape, 2);
  return {r.layer.empty() ? reduction_of(r.options) : std::string(r.layer), std::string(r.shape)};
}

/// As many tensors as there are source types, two unless given.
Translation sum_of_tensors(const Request& r) {
  const Dimensions dims = parse_tensors(r.shape, 1).front();
  const std::size_t sources = split(r.options.list("sdt", "f32:f32").front(), ':').size();
  const std::string text = fmt::format("{}", fmt::join(dims, "x"));
  const char* remark = r.options.first("scales").empty() ? "" : "its scales are not counted";
  if (sources == 2) {
    return {"add", fmt::format("{0}:{0}", text), remark};
  }
  // As many adds and bytes as a sum along an axis that tells the tensors apart.
  return {"reduce_sum", fmt::format("{}x{}:1x{}", sources, text, text), remark};
}

Translation concatenation(const Request& r) {
  auto tensors = parse_tensors(r.shape, 0, 0);
  const std::int64_t given = integer(r.options.first("axis"), 1);
  const auto axis = static_cast<std::size_t>(std::max<std::int64_t>(given, 0));
  const Dimensions first = tensors[0];
  const bool fit = std::ranges::all_of(tensors, [&](Dimensions dims) {
    const bool known = axis < dims.size() && dims.size() == first.size();
    if (known) {
      dims[axis] = first[axis];
    }
    return known && dims == first;
  });
  if (!fit || given < 0) {
    bad_input("shape '{}': concat is of tensors that differ along axis {} alone", r.shape, given);
  }
  std::erase_if(tensors, [&](const Dimensions& dims) { return dims[axis] == 0; });
  if (tensors.size() < 2 || std::ranges::find(tensors[0], 0) != tensors[0].end()) {
    bad_input("shape '{}': fewer than two tensors with elements: nothing is joined", r.shape);
  }
  std::int64_t rest = 0;
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    rest = checked_add(rest, product(tensors[i], axis, first.size()));
  }
  return {"concat",
          fmt::format("mb{}a{}b{}", product(tensors[0], 0, axis),
                      product(tensors[0], axis, first.size()), rest),
          tensors.size() > 2 ? "all tensors behind the first one are taken as one" : ""};
}

/// Queries, keys by columns, values: mb x heads before the matrices.
Translation attention(const Request& r) {
  auto tensors = parse_tensors(r.shape, 3);
  for (Dimensions& dims : tensors) {
    if (dims.size() < 2 || dims.size() > 4) {
      bad_input(
          "shape '{}': write queries, keys and values of up to four dimensions, as in "
          "2x8x384x64:2x8x64x384:2x8x384x64",
          r.shape);
    }
    dims.insert(dims.begin(), 4 - dims.size(), 1);
  }
  const Dimensions& q = tensors[0];
  const Dimensions& k = tensors[1];
  const Dimensions& v = tensors[2];
  if (q[3] != k[2] || k[3] != v[2] || k[0] != q[0] || v[0] != q[0] || k[1] != v[1]) {
    bad_input("shape '{}': queries n x d, keys d x m and values m x dv do not fit each other",
              r.shape);
  }
  const std::string mask = r.options.first("mask");
  const std::string_view alignment = mask == "causal_top_left"       ? "causal1topleft1"
                                     : mask == "causal_bottom_right" ? "causal1bottomright1"
                                                                     : "";
  return {"sdpa",
          fmt::format("mb{}h{}hkv{}lq{}lk{}d{}dv{}{}", q[0], q[1], k[1], q[2], k[3], q[3], v[3],
                      alignment),
          mask.starts_with("buffer") ? "the mask that is added is not counted" : ""};
}

}  // namespace flopmeter::benchdnn
