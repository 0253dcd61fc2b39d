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

/// A primitive with its memory. The primitive works on copies in its own layout, so that the layout
/// of the operands costs nothing in `run`.
class Execution {
 public:
  Execution(const Plan& plan, int threads, Tensors<float>& tensors);
  void run();
  void fetch();

 private:
  struct Result {
    memory inner;
    memory plain;
  };
  void bind(const Argument& argument, Tensors<float>& tensors);
  void copy(memory from, memory to);
  void use_threads() const;

  dnnl::stream stream_;
  dnnl::primitive primitive_;
  int threads_;
  std::vector<memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::vector<Result> results_;
};

Execution::Execution(const Plan& plan, int threads, Tensors<float>& tensors)
    : stream_(engine()), primitive_(plan.primitive), threads_(threads) {
  for (const Argument& argument : plan.arguments) {
    if (!argument.wanted.is_zero()) {
      bind(argument, tensors);
    }
  }
}

/// Results are copied in as well: their NaN stays where the primitive does not write.
void Execution::bind(const Argument& argument, Tensors<float>& tensors) {
  auto& entries = tensors.entries();
  const auto entry = std::ranges::find(entries, argument.operand, &Tensors<float>::Entry::name);
  assert(entry != entries.end());
  assert(argument.plain.get_size() == entry->data.size() * sizeof(float));
  const memory plain(argument.plain, engine(), entry->data.data());
  const memory inner(argument.wanted, engine());
  copy(plain, inner);
  memories_.push_back(inner);
  arguments_.push_back({argument.id, inner.get()});
  if (entry->role == Role::output) {
    results_.push_back({inner, plain});
  }
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
void Execution::run() {
  use_threads();
  const int count = static_cast<int>(arguments_.size());
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream_.get(), count, arguments_.data()),
      "oneDNN could not execute the primitive");
  stream_.wait();
}

void Execution::fetch() {
  use_threads();
  for (const Result& result : results_) {
    copy(result.inner, result.plain);
  }
}

Prepared callable(const Plan& plan, const Setup& setup, Tensors<float>& tensors) {
  const auto execution = std::make_shared<Execution>(plan, setup.threads, tensors);
  return {.run = [execution] { execution->run(); },
          .fetch = [execution] { execution->fetch(); },
          .implementation = plan.implementation};
}

memory::data_type data_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::bf16:
      return memory::data_type::bf16;
    case Dtype::f16:
      return memory::data_type::f16;
    case Dtype::s8:
      return memory::data_type::s8;
    case Dtype::f32:
      break;
  }
  return memory::data_type::f32;
}

/// What oneDNN is not asked for.
std::optional<Unavailable> not_offered(const Setup& setup) {
  if (setup.pass != Pass::forward) {
    return Unavailable{fmt::format("{} is not offered yet, forward only", to_string(setup.pass))};
  }
  if (setup.dtype == Dtype::s8) {
    return Unavailable{"s8 is not offered yet"};
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
                    const Planner& planner) {
  assert(setup.threads > 0);
  if (auto refusal = not_offered(setup)) {
    return *refusal;
  }
  omp_set_num_threads(setup.threads);
  try {
    return callable(planner(data_type(setup.dtype)), setup, tensors);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_unimplemented) {
      return not_implemented(operation, setup.dtype);
    }
    throw std::runtime_error(fmt::format("{}, {} {}: {} ({})", version(), to_string(setup.dtype),
                                         operation, error.what(), dnnl_status2str(error.status)));
  }
}

memory::desc plain(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i > 0; --i) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return {dims, memory::data_type::f32, strides};
}

memory::desc any_layout(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::any};
}

memory::desc bias_if(bool wanted, const memory::dims& dims) {
  return wanted ? plain(dims) : memory::desc();
}

}  // namespace flopmeter::onednn
