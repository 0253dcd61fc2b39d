#include "models/onnx/ops/window.h"

#include <algorithm>
#include <array>

namespace flopmeter::onnx {
namespace {

/// The attribute, or `otherwise` in each of `length` places.
std::vector<std::int64_t> list_of(const NodeView& n, std::string_view name, std::size_t length,
                                  std::int64_t otherwise) {
  std::vector<std::int64_t> values = n.integers_of(name);
  if (values.empty()) {
    values.assign(length, otherwise);
  }
  if (values.size() != length) {
    bad_input("{} has {} values where {} are needed", name, values.size(), length);
  }
  return values;
}

void check_positive(std::string_view name, const std::vector<std::int64_t>& values) {
  for (const std::int64_t value : values) {
    if (value < 1 || value > (std::int64_t{1} << 31)) {
      bad_input("{} has a value of {}", name, value);
    }
  }
}

/// SAME_UPPER and SAME_LOWER: as many positions as the input has strides.
void pad_same(Window& w, const Dims& in, bool lower) {
  const std::vector<std::int64_t> sizes = known_sizes(in);
  for (std::size_t i = 0; i < w.rank(); ++i) {
    const std::int64_t out = (sizes[i] + w.strides[i] - 1) / w.strides[i];
    const std::int64_t total =
        std::max<std::int64_t>((out - 1) * w.strides[i] + w.extent(i) - sizes[i], 0);
    w.begin[i] = lower ? total - total / 2 : total / 2;
    w.end[i] = total - w.begin[i];
  }
}

}  // namespace

Window read_window(const NodeView& n, const Dims& in, std::vector<std::int64_t> kernel) {
  Window w;
  const std::size_t rank = in.size();
  w.kernel = std::move(kernel);
  if (w.kernel.size() != rank) {
    bad_input("a kernel of {} dimensions over an input of {} spatial ones", w.kernel.size(), rank);
  }
  w.strides = list_of(n, "strides", rank, 1);
  w.dilations = list_of(n, "dilations", rank, 1);
  check_positive("kernel_shape", w.kernel);
  check_positive("strides", w.strides);
  check_positive("dilations", w.dilations);
  const std::vector<std::int64_t> pads = list_of(n, "pads", 2 * rank, 0);
  for (const std::int64_t pad : pads) {
    if (pad > (std::int64_t{1} << 31) || pad < -(std::int64_t{1} << 31)) {
      bad_input("pads has a value of {}", pad);
    }
  }
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(rank);
  w.begin.assign(pads.begin(), half);
  w.end.assign(half, pads.end());
  const std::string_view automatic = n.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_same(w, in, automatic == "SAME_LOWER");
  } else if (automatic == "VALID") {
    w.begin.assign(rank, 0);
    w.end.assign(rank, 0);
  } else if (automatic != "NOTSET" && !automatic.empty()) {
    bad_input("auto_pad '{}': one of NOTSET, SAME_UPPER, SAME_LOWER, VALID", automatic);
  }
  return w;
}

bool has_channels_last(const NodeView& n) {
  return n.proto.op.starts_with("Nhwc") ||
         (n.proto.op.starts_with("QLinear") && n.integer("channels_last", 0) != 0);
}

Dims channels_second(Dims dims) {
  if (dims.size() > 2) {
    std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
  }
  return dims;
}

Dims channels_behind(Dims dims) {
  if (dims.size() > 2) {
    std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
  }
  return dims;
}

Dims positions(const Window& w, const Dims& in, bool ceil) {
  Dims out;
  for (std::size_t i = 0; i < w.rank(); ++i) {
    const Dim room = in[i] + w.begin[i] + w.end[i] - w.extent(i);
    if (room.known() && room.value() < 0) {
      bad_input("a window of {} is larger than the padded input of {}", w.extent(i),
                (in[i] + w.begin[i] + w.end[i]).text());
    }
    Dim count = (ceil ? ceil_divide(room, w.strides[i]) : floor_divide(room, w.strides[i])) + 1;
    // A window that would begin behind the input and its front padding is left out.
    if (ceil && count.known() && in[i].known() &&
        (count.value() - 1) * w.strides[i] >= in[i].value() + w.begin[i]) {
      count = count - 1;
    }
    out.push_back(count);
  }
  return out;
}

std::string_view spatial_key(char kind, std::size_t index, std::size_t rank) {
  static constexpr std::string_view kinds = "iokspd";
  static constexpr std::array<std::array<std::string_view, 3>, 6> keys{{{"id", "ih", "iw"},
                                                                        {"od", "oh", "ow"},
                                                                        {"kd", "kh", "kw"},
                                                                        {"sd", "sh", "sw"},
                                                                        {"pd", "ph", "pw"},
                                                                        {"dd", "dh", "dw"}}};
  if (rank < 1 || rank > 3) {
    throw Undetermined(fmt::format("{} spatial dimensions: layers have 1 to 3", rank));
  }
  return keys.at(kinds.find(kind)).at(3 - rank + index);
}

void append_spatial(Fields& fields, char kind, const std::vector<std::int64_t>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    fields.emplace_back(spatial_key(kind, i, values.size()), values[i]);
  }
}

std::vector<std::int64_t> gaps(const Window& w) {
  std::vector<std::int64_t> between = w.dilations;
  for (std::int64_t& gap : between) {
    --gap;
  }
  return between;
}

}  // namespace flopmeter::onnx
