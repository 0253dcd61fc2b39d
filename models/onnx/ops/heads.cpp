#include "models/onnx/ops/heads.h"

#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {

Dim divided(const Dim& whole, std::int64_t parts, std::string_view what) {
  if (parts < 1 || (whole.known() && whole.value() % parts != 0)) {
    bad_input("{} {} cannot be divided into {} heads", whole.text(), what, parts);
  }
  return floor_divide(whole, parts);
}

LayerUse sdpa_use(const Heads& h) {
  const auto s =
      known_sizes({h.batch, h.heads, h.kv_heads, h.queries, h.keys, h.size, h.value_size});
  LayerUse use{"sdpa",
               {{"mb", s[0]},
                {"h", s[1]},
                {"hkv", s[2]},
                {"lq", s[3]},
                {"lk", s[4]},
                {"d", s[5]},
                {"causal", h.causal ? 1 : 0}},
               "sdpa"};
  if (s[6] != s[5]) {
    use.fields.emplace_back("dv", s[6]);
  }
  const auto add_flag = [&](bool set, std::string_view name) {
    if (set) {
      use.fields.emplace_back(name, 1);
    }
  };
  add_flag(h.causal && h.top_left && s[3] != s[4], "topleft");
  add_flag(h.softcap, "softcap");  // whatever its size
  add_flag(h.sink, "sink");
  if (h.window > 0 && h.window < s[4]) {
    use.fields.emplace_back("window", h.window);
  }
  return use;
}

void append_mask(const NodeView& n, std::size_t mask, const Heads& h, Lowered& lowered) {
  if (n.has(mask) && is_float(n.in(mask).elem)) {
    lowered.layers.push_back(binary_use("add", known_sizes({h.batch, h.heads, h.queries, h.keys}),
                                        n.sizes(mask), "mask"));
  }
}

LayerUse rotary_use(const Dim& rows, const Dim& heads, const Dim& size, std::int64_t rotated,
                    std::string label) {
  const auto s = known_sizes({rows, heads, size});
  LayerUse use{"rotary", {{"mb", 1}, {"l", s[0]}, {"h", s[1]}, {"d", s[2]}}, std::move(label)};
  if (rotated != 0 && rotated != s[2]) {
    use.fields.emplace_back("rot", rotated);
  }
  return use;
}

void append_rotary(const Heads& h, std::int64_t rotated, Lowered& lowered) {
  const Dim rows = h.batch * h.queries;
  lowered.layers.push_back(rotary_use(rows, h.heads, h.size, rotated, "rotary_q"));
  lowered.layers.push_back(rotary_use(rows, h.kv_heads, h.size, rotated, "rotary_k"));
}

}  // namespace flopmeter::onnx
