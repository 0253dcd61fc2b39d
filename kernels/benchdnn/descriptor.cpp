// Drivers that write a shape as keys with integers: conv, deconv, ip, pool, bnorm, gnorm, lrn,
// resampling. Their keys are those of the layers here; what differs are variants that options say.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <regex>
#include <utility>

#include "kernels/bad_input.h"
#include "kernels/benchdnn/driver.h"
#include "kernels/benchdnn/keys.h"

namespace flopmeter::benchdnn {
namespace {

/// The number of spatial dimensions that its keys speak of.
int rank(const Keys& shape) {
  return shape.has_any({"id", "od", "kd"}) ? 3 : shape.has_any({"ih", "oh", "kh"}) ? 2 : 1;
}

/// A dimension without sizes of its own has none, or those of the one before it: what else is said of
/// it is nothing of its own.
void drop_lone_keys(Keys& keys) {
  for (const char axis : {'d', 'h', 'w'}) {
    const auto key = [&](char kind) { return std::string{kind, axis}; };
    if (!keys.has(key('i')) && !keys.has(key('o')) && !keys.has(key('k'))) {
      for (const auto& [kind, trivial] :
           {std::pair('d', 0), std::pair('s', 1), std::pair('p', 0)}) {
        const auto value = keys.find(key(kind));
        const auto before = keys.find(std::string{kind, axis == 'w' ? 'h' : 'd'});
        if (value == trivial || value == before) {
          keys.erase(key(kind));
        }
      }
    }
  }
}

/// --mb=0 leaves what the shape says.
Keys of_batch(const Request& r, std::string_view shape) {
  Keys keys(shape);
  drop_lone_keys(keys);
  const std::string text = r.options.first("mb");
  std::int64_t mb = 0;
  std::from_chars(text.data(), text.data() + text.size(), mb);
  if (mb > 0) {
    keys.set("mb", mb);
  }
  return keys;
}

Keys of_batch(const Request& r) { return of_batch(r, r.shape); }

/// benchdnn's convolutions have a bias where the direction says so, the layers here unless bias0.
std::string with_bias(const Request& r) {
  const Keys keys = of_batch(r);
  return keys.text() + (r.options.bias() || keys.has("bias") ? "" : "_bias0");
}

Translation ranked(const Request& r, const std::string& family) {
  return {fmt::format("{}{}d", family, rank(of_batch(r))), with_bias(r)};
}

std::string without(const std::string& numbers, std::string_view shape) {
  return std::regex_replace(std::string(shape), std::regex("_?(" + numbers + ")[-+.0-9e]+"), "");
}

/// Scale and shift where the flags say so.
bool affine(const Request& r) {
  return r.options.first("flags").find_first_of("CHS") != std::string::npos;
}

/// One dimension as benchdnn completes it: the output from the padding, or the padding from the
/// output, which is the same on both sides as far as it can be.
struct Axis {
  std::int64_t in, out, kernel, stride, pad, gap;

  std::int64_t span() const { return (kernel - 1) * (gap + 1) + 1; }
  bool sees_nothing(std::int64_t o) const {
    const std::int64_t first = o * stride - pad;
    return first + span() <= 0 || first >= in;
  }
};

std::optional<Axis> axis_of(const Keys& keys, char letter) {
  constexpr std::int64_t sensible = 1'000'000;
  const auto value = [&](char kind) { return keys.find(std::string{kind, letter}); };
  const auto in = value('i');
  const auto kernel = value('k');
  if (!in || !kernel) {
    return std::nullopt;
  }
  Axis a{*in, 0, *kernel, value('s').value_or(1), value('p').value_or(0), value('d').value_or(0)};
  const std::int64_t out = value('o').value_or(0);
  if (std::min({a.in, a.kernel, a.stride}) < 1 || std::min(a.pad, a.gap) < 0 ||
      std::max({a.in, a.kernel, a.stride, a.pad, a.gap, out}) > sensible) {
    return std::nullopt;  // for the layer to refuse
  }
  if (out < 1) {
    a.out = (a.in - a.span() + 2 * a.pad) / a.stride + 1;
  } else {
    a.out = out;
    a.pad = value('p').value_or(
        std::max<std::int64_t>(0, ((out - 1) * a.stride - a.in + a.span()) / 2));
  }
  return a;
}

/// Without the windows that see nothing but padding, and without rows that no window reaches: a
/// padding behind may be negative in benchdnn.
Axis cropped(Axis a) {
  while (a.out > 1 && a.sees_nothing(0)) {
    a.pad -= a.stride;
    --a.out;
  }
  while (a.out > 1 && a.sees_nothing(a.out - 1)) {
    --a.out;
  }
  const std::int64_t reached = (a.out - 1) * a.stride + a.span() - a.pad;
  if (reached >= 1 && reached + a.stride <= a.in) {
    a.in = reached;
  }
  return a;
}

/// Windows that see nothing compute nothing. Says what was left out.
const char* crop(Keys& keys) {
  const char* remark = "";
  for (const char letter : {'d', 'h', 'w'}) {
    const std::optional<Axis> axis = axis_of(keys, letter);
    if (!axis) {
      continue;
    }
    const Axis left = cropped(*axis);
    if (left.out == axis->out && left.in == axis->in) {
      continue;
    }
    remark = left.out != axis->out ? "windows that see nothing but padding are left out"
                                   : "rows that no window reaches are left out";
    const auto set = [&](char kind, std::int64_t value) {
      keys.set(std::string{kind, letter}, value);
    };
    set('i', left.in);
    set('o', left.out);
    set('p', std::max<std::int64_t>(0, left.pad));
  }
  return remark;
}

}  // namespace

Translation convolution(const Request& r) { return ranked(r, "conv"); }
Translation deconvolution(const Request& r) { return ranked(r, "conv_transpose"); }
Translation inner_product(const Request& r) { return {"linear", with_bias(r)}; }

Translation pooling(const Request& r) {
  const std::string alg = lower_case(r.options.first("alg"));
  const bool asked = !r.layer.empty();
  const bool largest = asked ? r.layer == "max_pool" : alg.empty() || alg == "max";
  Keys keys = of_batch(r);
  const char* remark = crop(keys);
  if (largest) {
    return {"max_pool", keys.text(), remark};
  }
  const bool excluded = alg == "avg_np" || alg.ends_with("exclude_padding");
  return {"avg_pool", keys.text() + (excluded ? "_countpad0" : ""), remark};
}

/// Without given statistics inference computes them too.
Translation batch_normalization(const Request& r) {
  const std::string flags = r.options.first("flags");
  const bool given = flags.find('G') != std::string::npos;
  const bool fused = flags.find_first_of("RA") != std::string::npos;
  return {"batchnorm",
          fmt::format("{}_train{}_affine{}", of_batch(r, without("eps", r.shape)).text(),
                      given ? 0 : 1, affine(r) ? 1 : 0),
          fused ? "the sum and the relu that its flags fuse are not counted" : ""};
}

Translation group_normalization(const Request& r) {
  return {
      "groupnorm",
      fmt::format("{}_affine{}", of_batch(r, without("eps", r.shape)).text(), affine(r) ? 1 : 0),
      r.options.first("flags").find('G') != std::string::npos
          ? "its statistics are given; counted with their computation"
          : ""};
}

Translation resampling(const Request& r) {
  const std::string alg = lower_case(r.options.first("alg"));
  const bool linear = alg.find("linear") != std::string::npos;
  const std::string layer =
      !r.layer.empty() ? std::string(r.layer)
                       : existing_layer(linear ? "resample_linear" : "resample_nearest", alg);
  return {layer, of_batch(r).text()};
}

/// Factors and exponents change no count.
Translation local_response(const Request& r) {
  const std::string alg = lower_case(r.options.first("alg"));
  const std::string shape = of_batch(r, without("alpha|beta|k", r.shape)).text();
  return {existing_layer("lrn", "lrn"), shape + (alg == "within" ? "_within1" : "")};
}

Translation move(const Request& r) {
  bad_input("benchdnn shape '{}': its driver computes nothing, there is no layer of it", r.shape);
}

}  // namespace flopmeter::benchdnn
