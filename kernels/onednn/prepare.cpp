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

#include "kernels/onednn/describe.h"

namespace flopmeter::onednn {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

namespace {

/// Primitives with their memory. They work on the Tensors where these lie as the primitive wants
/// them, and else on copies in its own layout and type, so that the layout of the operands costs
/// nothing in `run`.
class Execution {
 public:
  Execution(const Plan& plan, const Setup& setup, const Quantization& quantization,
            Tensors<float>& tensors);
  void run();
  void feed();
  void fetch();

 private:
  struct Memory {
    Argument argument;
    memory inner;
    memory plain;  // empty: no operand, or nothing to copy
    float unit;    // what one unit of `inner` stands for
    bool written;
  };
  struct Call {
    dnnl::primitive primitive;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  void add(const Stage& stage, std::vector<Call>& calls);
  memory bind(const Argument& argument);
  memory between_primitives(const Argument& argument);
  float unit_of(const Argument& argument) const;
  memory scalar(float value);
  void copy_in(const Memory& to);
  void copy(memory from, memory to);
  void use_threads() const;
  void execute(const std::vector<Call>& calls);

  dnnl::stream stream_;
  int threads_;
  bool integers_;
  const Quantization& quantization_;
  Tensors<float>& tensors_;
  std::vector<Memory> memories_;
  std::vector<memory> scalars_;
  std::vector<Call> calls_;
};

Execution::Execution(const Plan& plan, const Setup& setup, const Quantization& quantization,
                     Tensors<float>& tensors)
    : stream_(engine()),
      threads_(setup.threads),
      integers_(setup.dtype == Dtype::s8),
      quantization_(quantization),
      tensors_(tensors) {
  std::vector<Call> before;
  for (const Stage& stage : plan.before) {
    add(stage, before);
  }
  for (const Stage& stage : plan.stages) {
    add(stage, calls_);
  }
  execute(before);
}

void Execution::add(const Stage& stage, std::vector<Call>& calls) {
  Call call{stage.primitive, {}};
  for (const Argument& argument : stage.arguments) {
    if (!argument.wanted.is_zero()) {
      call.arguments.push_back({argument.id, bind(argument).get()});
    }
  }
  if (integers_) {
    for (const auto& [id, value] : quantization_.scales) {
      call.arguments.push_back({id, scalar(value).get()});
    }
  }
  calls.push_back(std::move(call));
}

/// Results are copied in as well: their NaN stays where the primitive does not write.
memory Execution::bind(const Argument& argument) {
  for (const Memory& known : memories_) {
    if (known.argument.operand == argument.operand && known.argument.wanted == argument.wanted) {
      return known.inner;
    }
  }
  auto* entry = tensors_.find(argument.operand);
  Memory added{argument, {}, {}, unit_of(argument), false};
  if (entry == nullptr) {
    added.inner = between_primitives(argument);
  } else {
    assert(argument.plain.get_size() == entry->data.size() * sizeof(float));
    added.written = written(entry->role);
    const memory plain(argument.plain, engine(), entry->data.data());
    if (argument.plain == argument.wanted && added.unit == 1) {
      added.inner = plain;
    } else {
      added.inner = memory(argument.wanted, engine());
      added.plain = plain;
      copy_in(added);
    }
  }
  memories_.push_back(added);
  return added.inner;
}

/// Under another desc of the size it is the same memory: the same numbers in other dimensions.
memory Execution::between_primitives(const Argument& argument) {
  for (const Memory& known : memories_) {
    if (known.argument.operand == argument.operand &&
        known.argument.wanted.get_size() == argument.wanted.get_size()) {
      return {argument.wanted, engine(), known.inner.get_data_handle()};
    }
  }
  memory made(argument.wanted, engine());
  std::ranges::copy(argument.values, static_cast<float*>(made.get_data_handle()));
  return made;
}

float Execution::unit_of(const Argument& argument) const {
  if (!integers_) {
    return 1;
  }
  switch (type_of(argument.wanted)) {
    case memory::data_type::u8:
      return u8_step;
    case memory::data_type::s8:
      return s8_step;
    default:
      return argument.id == DNNL_ARG_BIAS ? quantization_.bias_unit : 1;
  }
}

memory Execution::scalar(float value) {
  scalars_.emplace_back(plain({1}), engine());
  *static_cast<float*>(scalars_.back().get_data_handle()) = value;
  return scalars_.back();
}

void Execution::copy_in(const Memory& to) {
  if (to.unit == 1) {
    copy(to.plain, to.inner);
    return;
  }
  const memory units(to.argument.plain, engine());
  const auto* values = static_cast<const float*>(to.plain.get_data_handle());
  auto* scaled = static_cast<float*>(units.get_data_handle());
  const std::size_t count = to.argument.plain.get_size() / sizeof(float);
  std::transform(values, values + count, scaled, [&](float value) { return value / to.unit; });
  copy(units, to.inner);
}

void Execution::copy(memory from, memory to) {
  dnnl::reorder(from, to).execute(stream_, from, to);
  stream_.wait();
}

/// oneDNN splits the work for the number of threads in force at creation, which is part of the key
/// of its cache of primitives, and some kernels ask for the number again at execution: it must be
/// the same. It belongs to the calling thread, and other backends change it. Setting it is one
/// store.
void Execution::use_threads() const { omp_set_num_threads(threads_); }

/// The C function, because the C++ one builds the list of arguments anew in each call.
void Execution::execute(const std::vector<Call>& calls) {
  use_threads();
  for (const Call& call : calls) {
    const int count = static_cast<int>(call.arguments.size());
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(call.primitive.get(), stream_.get(), count, call.arguments.data()),
        "oneDNN could not execute the primitive");
  }
  stream_.wait();
}

void Execution::run() { execute(calls_); }

void Execution::feed() {
  use_threads();
  for (const Memory& one : memories_) {
    if (one.plain && !one.written) {
      copy_in(one);
    }
  }
}

void Execution::fetch() {
  use_threads();
  for (const Memory& one : memories_) {
    if (one.plain && one.written) {
      copy(one.inner, one.plain);
    }
  }
}

const Quantization& eight_bit_integers() {
  static const Quantization steps = quantization(u8_step, s8_step);
  return steps;
}

Prepared callable(const Plan& plan, const Setup& setup, Tensors<float>& tensors) {
  const auto execution = std::make_shared<Execution>(plan, setup, eight_bit_integers(), tensors);
  return {.run = [execution] { execution->run(); },
          .feed = [execution] { execution->feed(); },
          .fetch = [execution] { execution->fetch(); },
          .implementation = plan.implementation};
}

Types types(Dtype dtype) {
  using enum memory::data_type;
  switch (dtype) {
    case Dtype::bf16:
      return {bf16, bf16, bf16};
    case Dtype::f16:
      return {f16, f16, f16};
    case Dtype::s8:
      return {u8, s8, f32, eight_bit_integers().attributes};
    case Dtype::f32:
      break;
  }
  return {f32, f32, f32};
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

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return fmt::format("oneDNN {}.{}.{}", v->major, v->minor, v->patch);
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
  return {fmt::format("{} has no {} {} of this shape for this CPU ({})", version(),
                      to_string(dtype), operation, instruction_set())};
}

}  // namespace

Preparation prepare(std::string_view operation, const Setup& setup, Tensors<float>& tensors,
                    const Planner& planner, Integers integers) {
  assert(setup.threads > 0);
  if (auto refusal = not_offered(operation, setup, integers)) {
    return *refusal;
  }
  omp_set_num_threads(setup.threads);
  try {
    return callable(planner(types(setup.dtype)), setup, tensors);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_unimplemented) {
      return not_implemented(operation, setup.dtype);
    }
    throw std::runtime_error(fmt::format("{}, {} {}: {} ({})", version(), to_string(setup.dtype),
                                         operation, error.what(), dnnl_status2str(error.status)));
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
