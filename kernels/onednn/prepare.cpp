#include "kernels/onednn/prepare.h"

#include <fmt/format.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl_debug.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <memory>
#include <optional>
#include <stdexcept>

#include "kernels/onednn/after.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/execution.h"
#include "kernels/onednn/layout.h"
#include "kernels/onednn/reorder.h"
#include "kernels/onednn/scales.h"

namespace flopmeter::onednn {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

namespace {

/// Of a source that a network has steps for; null where it has none.
const EightBits* eight_bits_of(const Tensors<float>& tensors) {
  for (const auto& entry : tensors.entries()) {
    if (entry.slot != nullptr && entry.slot->eight_bits != nullptr) {
      return entry.slot->eight_bits;
    }
  }
  return nullptr;
}

/// How a network wants the result; null where as f32.
const EightBits* result_bits_of(const Tensors<float>& tensors) {
  for (const auto& entry : tensors.entries()) {
    if (entry.slot != nullptr && entry.slot->result_bits != nullptr) {
      return entry.slot->result_bits;
    }
  }
  return nullptr;
}

/// The network's steps, or those of inputs that 8-bit integers hold exactly.
std::shared_ptr<const Scales> steps_as_scales(const EightBits* steps) {
  return std::make_shared<Scales>(
      steps == nullptr ? scales_of(u8_step, {s8_step})
                       : scales_of(steps->src_step, steps->weight_steps, steps->grouped));
}

constexpr auto joint_gradients = ", both gradients in one primitive";

Prepared callable(const PrimitivePlan& plan, const Setup& setup,
                  const std::shared_ptr<const Scales>& scales, Tensors<float>& tensors) {
  const auto execution = std::make_shared<Execution>(plan, setup, scales, tensors);
  Prepared prepared{
      .run = [execution] { execution->run(); },
      .feed = [execution] { execution->feed(); },
      .fetch = [execution] { execution->fetch(); },
      .implementation = plan.implementation + (plan.computes.empty() ? "" : joint_gradients),
      .computes = plan.computes};
  if (execution->has_slots()) {
    prepared.place = [execution] { execution->place(); };
  }
  return prepared;
}

Types types(Dtype dtype, const Scales& scales, const Tensors<float>& tensors) {
  using enum memory::data_type;
  switch (dtype) {
    case Dtype::bf16:
      return {bf16, bf16, bf16, {}, &tensors};
    case Dtype::f16:
      return {f16, f16, f16, {}, &tensors};
    case Dtype::s8: {
      const EightBits* steps = eight_bits_of(tensors);
      const bool is_signed = steps != nullptr && steps->src_signed;
      const EightBits* result = result_bits_of(tensors);
      return {is_signed ? s8 : u8, s8,
              result == nullptr ? f32 : type_of_codes(result->dst->is_signed), scales.attributes,
              &tensors};
    }
    case Dtype::f32:
      break;
  }
  return {f32, f32, f32, {}, &tensors};
}

/// Those of a result that has more done to it. Plans that know integers give their attributes to the
/// primitive, so that it does so.
void add_after(Types& types, Tensors<float>& tensors, Integers integers, Dtype dtype) {
  for (auto& entry : tensors.entries()) {
    if (entry.slot == nullptr || integers == Integers::no) {
      continue;
    }
    const EightBits* result = dtype == Dtype::s8 ? entry.slot->result_bits : nullptr;
    if (entry.slot->after.empty() && result == nullptr) {
      continue;
    }
    if (const auto operations = post_operations(entry.slot->after, result)) {
      types.attributes.set_post_ops(*operations);
      entry.slot->does_after = true;
    }
  }
}

/// What oneDNN is not asked for.
std::optional<Unavailable> not_offered(std::string_view operation, const Setup& setup,
                                       Integers integers) {
  if (setup.dtype != Dtype::s8) {
    return std::nullopt;
  }
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no training in 8-bit integers"};
  }
  if (integers == Integers::no) {
    return Unavailable{fmt::format("{} is not offered in s8", operation)};
  }
  return std::nullopt;
}

/// "AVX512_CORE_BF16", with what DNNL_MAX_CPU_ISA forbids left out.
std::string instruction_set() {
  std::string_view name = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa());
  constexpr std::string_view prefix = "cpu_isa_";
  name.remove_prefix(name.starts_with(prefix) ? prefix.size() : 0);
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}

Unavailable not_implemented(std::string_view operation, Dtype dtype) {
  return {fmt::format("oneDNN {} has no {} {} of this shape for this CPU ({})", version(),
                      to_string(dtype), operation, instruction_set())};
}

/// Null where it is plain, not known, or of another number type than the node computes in: a primitive may not have
/// that one.
const TensorLayout* offered(const Types& types, std::string_view operand) {
  for (const auto& entry : types.tensors->entries()) {
    if (entry.name == operand && entry.slot != nullptr) {
      const auto* layout = static_cast<const TensorLayout*>(entry.slot->offered.get());
      return layout != nullptr && type_of(layout->made()) == types.src ? layout : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<Given> given_layout(const Types& types, std::string_view operand) {
  const TensorLayout* layout = offered(types, operand);
  return layout == nullptr ? std::nullopt : std::optional(Given{layout->made(), layout->plain()});
}

std::optional<memory::desc> given_layout(const Types& types, std::string_view operand,
                                         const memory::dims& dims) {
  const TensorLayout* layout = offered(types, operand);
  return layout == nullptr ? std::nullopt : layout->with_dims(dims);
}

Preparation prepare(std::string_view operation, const Setup& setup, Tensors<float>& tensors,
                    const Planner& planner, Integers integers) {
  assert(setup.threads > 0);
  if (auto refusal = not_offered(operation, setup, integers)) {
    return *refusal;
  }
  omp_set_num_threads(setup.threads);
  try {
    const auto scales = steps_as_scales(eight_bits_of(tensors));
    Types wanted = types(setup.dtype, *scales, tensors);
    add_after(wanted, tensors, integers, setup.dtype);
    return callable(planner(wanted), setup, scales, tensors);
  } catch (const KnownWrong& fault) {
    return Unavailable{fault.what()};
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_unimplemented) {
      return not_implemented(operation, setup.dtype);
    }
    throw std::runtime_error(fmt::format("oneDNN {}, {} {}: {} ({})", version(),
                                         to_string(setup.dtype), operation, error.what(),
                                         dnnl_status2str(error.status)));
  }
}

memory::desc plain(const memory::dims& dims) { return row_major(dims, memory::data_type::f32); }

memory::desc row_major(const memory::dims& dims, memory::data_type type) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i > 0; --i) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return {dims, type, strides};
}

memory::desc any_layout(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::any};
}

memory::desc bias_if(bool wanted, const memory::dims& dims) {
  return wanted ? plain(dims) : memory::desc();
}

}  // namespace flopmeter::onednn
