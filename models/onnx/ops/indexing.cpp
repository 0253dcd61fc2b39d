// Parts of tensors: taking, putting, joining and cutting. They move elements and do no arithmetic.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_gather(const NodeView&) { return moves("gather"); }
Lowered lower_scatter(const NodeView&) { return moves("scatter"); }

/// With a reduction, each update is added to what lies there, and so on.
Lowered lower_scatter_updates(const NodeView& n) {
  const std::string_view reduction = n.text("reduction", "none");
  if (reduction == "none") {
    return moves("scatter");
  }
  Lowered lowered;
  const auto updates = n.sizes(2);
  lowered.layers.push_back(binary_use(reduction, updates, updates));
  return lowered;
}

/// Elements before, along and behind an axis.
struct Strips {
  std::int64_t outer = 1, size = 1, inner = 1;
};

Strips strips_of(const Dims& dims, std::size_t axis) {
  const auto sizes = known_sizes(dims);
  return {product_of(sizes, 0, axis), sizes[axis], product_of(sizes, axis + 1, sizes.size())};
}

Contents gathered(const NodeView& n, std::size_t axis, const Dims& out) {
  const Content* from = n.content(0);
  const Content* at = n.content(1);
  const Dim count = elements_of(out);
  if (from == nullptr || at == nullptr || at->real || !all_known(at->integers) ||
      !all_known(n.dims(0)) || !count.known() || count.value() > max_content) {
    return nullptr;
  }
  const Strips s = strips_of(n.dims(0), axis);
  Content result{from->real, {}, {}};
  for (std::int64_t o = 0; o < s.outer; ++o) {
    for (const Dim& index : at->integers) {
      const std::int64_t i = index.value() < 0 ? index.value() + s.size : index.value();
      if (i < 0 || i >= s.size) {
        bad_input("index {} into {} elements", index.value(), s.size);
      }
      for (std::int64_t e = 0; e < s.inner; ++e) {
        append_element(result, *from, static_cast<std::size_t>((o * s.size + i) * s.inner + e));
      }
    }
  }
  return std::make_shared<const Content>(std::move(result));
}

void infer_gather(NodeView& n) {
  const Dims& x = n.dims(0);
  const Dims& indices = n.dims(1);
  const std::size_t axis = n.axis(n.integer("axis", 0), n.rank(0));
  const auto at = x.begin() + static_cast<std::ptrdiff_t>(axis);
  Dims out(x.begin(), at);
  out.insert(out.end(), indices.begin(), indices.end());
  out.insert(out.end(), at + 1, x.end());
  Contents content = gathered(n, axis, out);
  n.set(0, n.in(0).elem, std::move(out), std::move(content));
}

/// Rows of a table are an embedding.
Lowered lower_gather_rows(const NodeView& n) {
  const bool rows = n.integer("axis", 0) == 0 && n.dims(0).size() == 2 && n.constant(0) &&
                    !n.constant(1) && is_float(n.in(0).elem);
  if (!rows) {
    return moves("gather");
  }
  const auto table = n.sizes(0);
  const std::int64_t indices = n.count(1);
  if (indices == 0) {
    return moves("gather");
  }
  return one_layer("embedding", {{"mb", indices}, {"vocab", table[0]}, {"dim", table[1]}});
}

void infer_like_indices(NodeView& n) { n.set(0, n.in(0).elem, n.dims(1)); }

void infer_gather_nd(NodeView& n) {
  const Dims& x = n.dims(0);
  const Dims& indices = n.dims(1);
  if (indices.empty() || !indices.back().known()) {
    throw Undetermined("the length of its index tuples is not known");
  }
  const std::int64_t batch = n.integer("batch_dims", 0);
  const std::int64_t used = indices.back().value() + batch;
  if (used < 0 || used > n.rank(0)) {
    bad_input("index tuples of {} for {} dimensions", indices.back().value(), x.size());
  }
  Dims out(indices.begin(), indices.end() - 1);
  out.insert(out.end(), x.begin() + used, x.end());
  n.set(0, n.in(0).elem, std::move(out));
}

void infer_like_data(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

void infer_concat(NodeView& n) {
  Dims out = n.dims(0);
  const std::size_t axis =
      n.axis(n.opset < 4 ? n.integer("axis", 1) : n.required("axis"), n.rank(0));
  Content joined{n.content(0) != nullptr && n.content(0)->real, {}, {}};
  bool known = n.content(0) != nullptr && out.size() == 1;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    const Dims& part = n.dims(i);
    if (part.size() != out.size()) {
      bad_input("tensors of {} and {} dimensions cannot be joined", out.size(), part.size());
    }
    for (std::size_t d = 0; d < out.size(); ++d) {
      if (d != axis && part[d].known() && out[d].known() && !(part[d] == out[d])) {
        bad_input("tensors of {} and {} cannot be joined along axis {}", to_string(out),
                  to_string(part), axis);
      }
      out[d] = i == 0 || d != axis ? (out[d].known() ? out[d] : part[d]) : out[d] + part[d];
    }
    const Content* content = n.content(i);
    known = known && content != nullptr && content->real == joined.real &&
            joined.size() + content->size() <= static_cast<std::size_t>(max_content);
    for (std::size_t e = 0; known && e < content->size(); ++e) {
      append_element(joined, *content, e);
    }
  }
  n.set(0, n.in(0).elem, std::move(out),
        known ? std::make_shared<const Content>(std::move(joined)) : nullptr);
}

Lowered lower_concat(const NodeView& n) { return moves(n.inputs.size() == 1 ? "view" : "copy"); }

void infer_compress(NodeView& n) {
  const Content* condition = n.content(1);
  Dim chosen = Dim::unknown(fmt::format("{}.count", n.proto.outputs.at(0)));
  if (condition != nullptr && !condition->real && all_known(condition->integers)) {
    chosen = static_cast<std::int64_t>(
        std::ranges::count_if(condition->integers, [](const Dim& d) { return d.value() != 0; }));
  }
  if (n.attribute("axis") == nullptr) {
    n.set(0, n.in(0).elem, {chosen});
    return;
  }
  Dims out = n.dims(0);
  out[n.axis(n.integer("axis", 0), n.rank(0))] = chosen;
  n.set(0, n.in(0).elem, std::move(out));
}

constexpr std::array indexing_rows{
    Operator{"", "Gather", infer_gather, lower_gather_rows},
    Operator{"", "GatherElements", infer_like_indices, lower_gather},
    Operator{"", "GatherND", infer_gather_nd, lower_gather},
    Operator{"", "Scatter", infer_like_data, lower_scatter},
    Operator{"", "ScatterElements", infer_like_data, lower_scatter_updates},
    Operator{"", "ScatterND", infer_like_data, lower_scatter_updates},
    Operator{"", "TensorScatter", infer_like_data, lower_scatter},
    Operator{"", "Concat", infer_concat, lower_concat},
    Operator{"", "Compress", infer_compress, lower_gather},
};

}  // namespace

std::span<const Operator> indexing_operators() { return indexing_rows; }

}  // namespace flopmeter::onnx
