#include "kernels/onednn/execution.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "kernels/onednn/layout.h"
#include "kernels/onednn/reorder.h"

namespace flopmeter::onednn {

using dnnl::memory;

namespace {

bool is_one(const std::vector<float>& units) { return units.size() == 1 && units.front() == 1; }

}  // namespace

Execution::Execution(const PrimitivePlan& plan, const Setup& setup,
                     std::shared_ptr<const Scales> scales, Tensors<float>& tensors)
    : stream_(engine()),
      threads_(setup.threads),
      integers_(setup.dtype == Dtype::s8),
      scales_(std::move(scales)),
      tensors_(tensors),
      deferred_(std::ranges::any_of(tensors.entries(),
                                    [](const auto& entry) { return entry.slot != nullptr; })) {
  for (const Stage& stage : plan.before) {
    add(stage, before_);
  }
  for (const Stage& stage : plan.stages) {
    add(stage, calls_);
  }
  if (!deferred_) {
    execute(before_);
  }
}

void Execution::add(const Stage& stage, std::vector<Call>& calls) {
  Call call{stage.primitive, {}};
  for (const Argument& argument : stage.arguments) {
    if (!argument.wanted.is_zero()) {
      require_reachable(argument.wanted);
      call.arguments.push_back({argument.id, bind(argument, calls).get()});
    }
  }
  if (integers_) {
    for (const auto& [id, values] : scales_->arguments) {
      call.arguments.push_back({id, vector(values).get()});
    }
  }
  calls.push_back(std::move(call));
}

/// Results are copied in as well: their NaN stays where the primitive does not write.
memory Execution::bind(const Argument& argument, std::vector<Call>& calls) {
  for (const Memory& known : memories_) {
    if (known.argument.operand == argument.operand && known.argument.wanted == argument.wanted) {
      return known.inner;
    }
  }
  auto* entry = tensors_.find(argument.operand);
  if (entry != nullptr && entry->slot != nullptr) {
    return bind_slot(argument, *entry->slot, calls);
  }
  Memory added{argument, {}, {}, units_of(argument), false};
  if (entry == nullptr) {
    added.inner = between_primitives(argument);
  } else {
    assert(argument.plain.get_size() == entry->data.size() * sizeof(float));
    added.written = written(entry->role);
    const memory plain(argument.plain, engine(), entry->data.data());
    if (argument.plain == argument.wanted && is_one(added.units)) {
      added.inner = plain;
    } else {
      added.inner = memory(argument.wanted, engine());
      added.plain = plain;
      if (!deferred_) {
        copy_in(added);
      }
    }
  }
  memories_.push_back(added);
  return added.inner;
}

/// The first layout that is wanted of an operand is the one in which it is given or made. Others see
/// the same memory if both are views of plain data, and else take a reorder in every run.
memory Execution::bind_slot(const Argument& argument, Slot& slot, std::vector<Call>& calls) {
  const auto of_operand = [&](const Slotted& known) {
    return known.argument.operand == argument.operand;
  };
  const float step = !integers_                    ? 1
                     : slot.eight_bits != nullptr  ? slot.eight_bits->src_step
                     : slot.result_bits != nullptr ? slot.result_bits->dst->step
                                                   : 1;
  const TensorLayout wanted(argument.wanted, argument.plain, step);
  const bool first = std::ranges::none_of(slotted_, of_operand);
  if (first) {
    slot.chosen = std::make_shared<TensorLayout>(argument.wanted, argument.plain, step);
  }
  for (const Slotted& known : slotted_) {
    if (of_operand(known) && known.argument.wanted == argument.wanted) {
      return known.bound;
    }
  }
  if (first || wanted.same_as(*slot.chosen)) {
    return add_slotted(argument, memory(argument.wanted, engine(), DNNL_MEMORY_NONE), &slot);
  }
  const auto seen = static_cast<const TensorLayout&>(*slot.chosen).seen_as(wanted);
  if (!seen || written(tensors_.find(argument.operand)->role)) {
    throw std::runtime_error(fmt::format("oneDNN wants {} in two layouts", argument.operand));
  }
  Argument as_given = argument;
  as_given.wanted = *seen;
  const memory source = add_slotted(as_given, memory(*seen, engine(), DNNL_MEMORY_NONE), &slot);
  const memory target = add_slotted(argument, memory(argument.wanted, engine()), nullptr);
  calls.push_back({dnnl::reorder(own_reorder(*seen, argument.wanted)),
                   {{DNNL_ARG_FROM, source.get()}, {DNNL_ARG_TO, target.get()}}});
  return target;
}

memory Execution::add_slotted(const Argument& argument, const memory& bound, Slot* slot) {
  slotted_.push_back({argument, bound, slot});
  return bound;
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

std::vector<float> Execution::units_of(const Argument& argument) const {
  if (!integers_) {
    return {1};
  }
  if (argument.id == DNNL_ARG_BIAS) {
    return scales_->bias_units;
  }
  if (argument.id == DNNL_ARG_WEIGHTS) {
    return scales_->weight_units;
  }
  return {type_of(argument.wanted) == memory::data_type::u8 ? scales_->src_unit : 1};
}

memory Execution::vector(const std::vector<float>& values) {
  vectors_.emplace_back(plain({static_cast<memory::dim>(values.size())}), engine());
  std::ranges::copy(values, static_cast<float*>(vectors_.back().get_data_handle()));
  return vectors_.back();
}

/// oneDNN packs the transposed weights of a projection through scratch memory that it has not
/// asked for, and writes wherever that is (seen in 2.6.3, where there is no AVX-512), so they come
/// to it row by row.
void Execution::copy_in(const Memory& to) {
  if (packed_for_rnn(to.argument.wanted)) {
    const memory rows(plain(dims_of(to.argument.wanted)), engine());
    copy(to.plain, rows);
    copy(rows, to.inner);
    return;
  }
  if (is_one(to.units)) {
    copy(to.plain, to.inner);
    return;
  }
  const memory units(to.argument.plain, engine());
  const auto* values = static_cast<const float*>(to.plain.get_data_handle());
  auto* scaled = static_cast<float*>(units.get_data_handle());
  const std::size_t count = to.argument.plain.get_size() / sizeof(float);
  const std::size_t each = count / to.units.size();
  for (std::size_t i = 0; i < count; ++i) {
    scaled[i] = values[i] / to.units[i / each];
  }
  copy(units, to.inner);
}

void Execution::copy(memory from, memory to) { Reorder(std::move(from), std::move(to))(stream_); }

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
  execute(before_);
}

void Execution::place() {
  for (Slotted& one : slotted_) {
    if (one.slot != nullptr) {
      one.bound.set_data_handle(one.slot->data);
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

}  // namespace flopmeter::onednn
