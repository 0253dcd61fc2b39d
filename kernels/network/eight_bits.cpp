#include "kernels/network/eight_bits.h"

#include <algorithm>
#include <cmath>

#ifdef FLOPMETER_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/onednn/version.h"
#endif

namespace flopmeter {
namespace {

bool has_dot_products() {
#ifdef FLOPMETER_HAS_ONEDNN
  return onednn::uses_isa(dnnl_cpu_isa_avx512_core_vnni) ||
         onednn::uses_isa(dnnl_cpu_isa_avx2_vnni);
#else
  return true;  // nothing runs in 8 bits
#endif
}

}  // namespace

bool is_eight_bit_layer(std::string_view layer) {
  return std::ranges::find(eight_bit_layers, layer) != eight_bit_layers.end();
}

float src_code(const EightBits& eight_bits, float x) {
  const float code = std::nearbyint(x * (1 / eight_bits.src_step));
  return eight_bits.src_signed ? std::clamp(code, -128.0F, 127.0F) : std::clamp(code, 0.0F, 255.0F);
}

WeightCodes weight_codes(bool src_signed) {
  return has_dot_products() ? WeightCodes{} : src_signed ? WeightCodes{126, 2} : WeightCodes{63, 1};
}

bool adds_codes() {
#ifdef FLOPMETER_HAS_ONEDNN
  return DNNL_VERSION_MAJOR < 3;
#else
  return false;
#endif
}

bool codes_fit(std::span<const float> weights, const EightBits& eight_bits) {
  const WeightCodes codes = weight_codes(eight_bits.src_signed);
  const std::size_t each = weights.size() / eight_bits.weight_steps.size();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int code =
        static_cast<int>(std::nearbyint(weights[i] / eight_bits.weight_steps[i / each]));
    if (std::abs(code) > codes.most || code % codes.multiple != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace flopmeter
