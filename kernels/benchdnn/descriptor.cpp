// Drivers that write a shape as keys with integers: conv, deconv, ip, pool, bnorm, gnorm. Their keys
// are those of the layers here; what differs are variants that options say.
#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include "kernels/bad_input.h"
#include "kernels/benchdnn/driver.h"

namespace flopmeter::benchdnn {
namespace {

bool has_key(std::string_view shape, std::string_view key) {
  for (std::size_t at = shape.find(key); at != std::string_view::npos;
       at = shape.find(key, at + 1)) {
    const bool begins = at == 0 || std::isalpha(static_cast<unsigned char>(shape[at - 1])) == 0;
    const std::size_t end = at + key.size();
    if (begins && end < shape.size() && std::isdigit(static_cast<unsigned char>(shape[end])) != 0) {
      return true;
    }
  }
  return false;
}

/// The number of spatial dimensions that its keys speak of.
int rank(std::string_view shape) {
  constexpr std::array<std::array<std::string_view, 3>, 2> keys{
      {{"id", "od", "kd"}, {"ih", "oh", "kh"}}};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (std::ranges::any_of(keys[i], [&](std::string_view key) { return has_key(shape, key); })) {
      return 3 - static_cast<int>(i);
    }
  }
  return 1;
}

/// The key with this value in place of what the shape says; --mb=0 leaves it.
std::string with_key(std::string_view shape, const std::string& key, const std::string& value) {
  std::string text(shape);
  if (value.empty() || value == "0") {
    return text;
  }
  text = std::regex_replace(text, std::regex("(^|[0-9_])" + key + "[0-9]+"), "$1");
  return key + value + text;
}

std::string of_batch(const Request& r) { return with_key(r.shape, "mb", r.options.first("mb")); }

/// benchdnn's convolutions have a bias where the direction says so, the layers here unless bias0.
std::string with_bias(const Request& r) {
  return of_batch(r) + (r.options.bias() || has_key(r.shape, "bias") ? "" : "_bias0");
}

Translation ranked(const Request& r, const std::string& family) {
  return {fmt::format("{}{}d", family, rank(r.shape)), with_bias(r)};
}

std::string without_epsilon(const std::string& shape) {
  return std::regex_replace(shape, std::regex("_?eps[-+.0-9e]+"), "");
}

/// Scale and shift where the flags say so.
bool affine(const Request& r) {
  return r.options.first("flags").find_first_of("CHS") != std::string::npos;
}

}  // namespace

Translation convolution(const Request& r) { return ranked(r, "conv"); }
Translation deconvolution(const Request& r) { return ranked(r, "conv_transpose"); }
Translation inner_product(const Request& r) { return {"linear", with_bias(r)}; }

Translation pooling(const Request& r) {
  const std::string alg = r.options.first("alg");
  const bool asked = !r.layer.empty();
  const bool largest =
      asked ? r.layer == "max_pool" : alg.empty() || alg == "max" || alg == "pooling_max";
  if (largest) {
    return {"max_pool", of_batch(r)};
  }
  const bool excluded = alg == "avg_np" || alg.ends_with("exclude_padding");
  return {"avg_pool", of_batch(r) + (excluded ? "_countpad0" : "")};
}

Translation batch_normalization(const Request& r) {
  const bool given =
      r.options.first("flags").find('G') != std::string::npos || r.options.first("dir") == "FWD_I";
  return {"batchnorm", fmt::format("{}_train{}_affine{}", without_epsilon(of_batch(r)),
                                   given ? 0 : 1, affine(r) ? 1 : 0)};
}

Translation group_normalization(const Request& r) {
  return {"groupnorm", fmt::format("{}_affine{}", without_epsilon(of_batch(r)), affine(r) ? 1 : 0)};
}

Translation resampling(const Request& r) {
  const std::string alg = r.options.first("alg");
  const bool linear = alg.find("linear") != std::string::npos;
  const std::string layer =
      !r.layer.empty() ? std::string(r.layer)
                       : existing_layer(linear ? "resample_linear" : "resample_nearest", alg);
  return {layer, of_batch(r)};
}

/// Factors and exponents change no count.
Translation local_response(const Request& r) {
  const std::string shape =
      std::regex_replace(of_batch(r), std::regex("_?(alpha|beta|k)[-+.0-9e]+"), "");
  return {existing_layer("lrn", "lrn"), shape};
}

Translation move(const Request& r) {
  bad_input("benchdnn shape '{}': its driver computes nothing, there is no layer of it", r.shape);
}

}  // namespace flopmeter::benchdnn
