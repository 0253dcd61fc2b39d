// What stands before and behind networks of older tools: pixels and features scaled, classic models of learning.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"

namespace flopmeter::onnx {
namespace {

void infer_same_real(NodeView& n) { n.set(0, Elem::f32, n.dims(0)); }

void infer_kept(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

/// x with one function of a number, or of one a column or channel, and another.
Lowered lower_two(const NodeView& n, std::string_view first, std::string_view second,
                  const Sizes& factors, const Sizes& shifts) {
  const auto x = n.sizes(0);
  Lowered lowered;
  lowered.layers = {binary_use(first, x, first == "sub" ? shifts : factors, std::string(first)),
                    binary_use(second, x, second == "add" ? shifts : factors, std::string(second))};
  return lowered;
}

/// alpha * x + beta.
Lowered lower_affine(const NodeView& n) { return lower_two(n, "mul", "add", {1}, {1}); }

/// scale * x + bias, one a channel.
Lowered lower_image_scaler(const NodeView& n) {
  Sizes channels(n.dims(0).size(), 1);
  if (channels.size() < 2) {
    bad_input("an image of {} dimensions", channels.size());
  }
  channels[1] = static_cast<std::int64_t>(n.reals_of("bias").size());
  return lower_two(n, "mul", "add", {1}, channels);
}

/// (x - offset) * scale, one number or one a column.
Lowered lower_scaler(const NodeView& n) {
  const auto count = [&](std::string_view name) {
    return Sizes{static_cast<std::int64_t>(n.reals_of(name).size())};
  };
  return lower_two(n, "sub", "mul", count("scale"), count("offset"));
}

/// Rows and columns at the four sides, or what begins there and has a size of its own.
void infer_crop(NodeView& n) {
  Dims out = n.dims(0);
  const auto border = n.integers_of("border");
  const auto size = n.integers_of("scale");
  if (out.size() != 4 || border.size() != 4 || !(size.empty() || size.size() == 2)) {
    bad_input("an image of {} dimensions, {} borders and {} sizes", out.size(), border.size(),
              size.size());
  }
  out[2] = size.empty() ? out[2] - border[1] - border[3] : Dim(size[0]);
  out[3] = size.empty() ? out[3] - border[0] - border[2] : Dim(size[1]);
  n.set(0, n.in(0).elem, std::move(out));
}

Lowered lower_part(const NodeView&) { return moves("copy"); }
Lowered lower_look_up(const NodeView&) { return moves("gather"); }

/// Columns of a matrix.
void infer_columns(NodeView& n) {
  Dims out = n.dims(0);
  const Dim count = elements_of(n.dims(1));
  if (out.size() < 2) {
    out.assign(2, 1);
  }
  out.back() = count;
  n.set(0, n.in(0).elem, std::move(out));
}

void infer_joined_columns(NodeView& n) {
  Dim columns = 0;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    columns = columns + n.dims(i).back();
  }
  n.set(0, Elem::f32, {n.dims(0).size() > 1 ? n.dims(0).front() : Dim(1), columns});
}

/// What is to be replaced is looked for.
Lowered lower_imputer(const NodeView& n) {
  Lowered lowered;
  const auto x = n.sizes(0);
  lowered.layers = {binary_use("equal", x, {1}, "missing")};
  return lowered;
}

Dim rows_of(const NodeView& n) { return n.rank(0) > 1 ? n.dims(0).front() : Dim(1); }

Dim outputs_of(const NodeView& n, std::string_view per_output) {
  return static_cast<std::int64_t>(n.reals_of(per_output).size()) /
         std::max<std::int64_t>(1, n.sizes(0).empty() ? 1 : n.sizes(0).back());
}

void infer_linear_regressor(NodeView& n) {
  n.set(0, Elem::f32, {rows_of(n), outputs_of(n, "coefficients")});
}

/// Labels and a score for each class; of two classes the one product gives both.
void infer_linear_classifier(NodeView& n) {
  const bool texts = n.attribute("classlabels_strings") != nullptr;
  const Dim scores = outputs_of(n, "coefficients");
  n.set(0, texts ? Elem::string : Elem::s64, {rows_of(n)});
  n.set(1, Elem::f32, {rows_of(n), scores.is(1) ? Dim(2) : scores});
}

Lowered lower_linear_model(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::int64_t columns = x.empty() ? 1 : x.back();
  const std::int64_t rows = product_of(x, 0, x.empty() ? 0 : x.size() - 1);
  const Dim outputs = outputs_of(n, "coefficients");
  Lowered lowered;
  lowered.layers = {
      linear_use(rows, columns, outputs.value(), n.attribute("intercepts") != nullptr)};
  lowered.remark = "its weights are attributes, which are not among the parameters";
  if (n.text("post_transform", "NONE") != "NONE") {
    lowered.reason = fmt::format("what is done to its scores ({}) is not counted",
                                 n.text("post_transform", "NONE"));
  }
  return lowered;
}

void infer_tree_regressor(NodeView& n) {
  n.set(0, Elem::f32, {rows_of(n), n.integer("n_targets", 1)});
}

void infer_tree_classifier(NodeView& n) {
  const AttributeProto* texts = n.attribute("classlabels_strings");
  const std::size_t classes =
      texts != nullptr ? texts->texts().size() : n.integers_of("classlabels_int64s").size();
  n.set(0, texts != nullptr ? Elem::string : Elem::s64, {rows_of(n)});
  n.set(1, Elem::f32, {rows_of(n), static_cast<std::int64_t>(classes)});
}

Lowered lower_tree(const NodeView& n) {
  return not_understood(
      fmt::format("{} compares as its data asks for: its comparisons are not counted", n.proto.op));
}

constexpr std::array feature_rows{
    Operator{"", "Affine", infer_kept, lower_affine},
    Operator{"", "ImageScaler", infer_kept, lower_image_scaler},
    Operator{"", "Crop", infer_crop, lower_part},
    Operator{learning, "Scaler", infer_same_real, lower_scaler},
    Operator{learning, "Imputer", infer_kept, lower_imputer},
    Operator{learning, "ArrayFeatureExtractor", infer_columns, lower_look_up},
    Operator{learning, "FeatureVectorizer", infer_joined_columns, lower_part},
    Operator{learning, "LinearRegressor", infer_linear_regressor, lower_linear_model},
    Operator{learning, "LinearClassifier", infer_linear_classifier, lower_linear_model},
    Operator{learning, "TreeEnsembleRegressor", infer_tree_regressor, lower_tree},
    Operator{learning, "TreeEnsembleClassifier", infer_tree_classifier, lower_tree},
};

}  // namespace

std::span<const Operator> feature_operators() { return feature_rows; }

}  // namespace flopmeter::onnx
