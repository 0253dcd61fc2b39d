#include "validate/executed/executed.h"

#include <algorithm>
#include <bit>

namespace flopmeter {
namespace {

constexpr std::uint64_t input_seed = 20260101;

void take_inputs(Tensors<float>& to, const Tensors<float>& from) {
  for (std::size_t i = 0; i < from.entries().size(); ++i) {
    std::ranges::copy(from.entries()[i].data, to.entries()[i].data.begin());
  }
}

/// Other inputs that are as legal.
void reverse_inputs(Tensors<float>& tensors) {
  for (auto& entry : tensors.entries()) {
    if (!written(entry.role)) {
      std::ranges::reverse(entry.data);
    }
  }
}

std::string first_difference(std::span<const float> traced, std::span<const float> native) {
  const auto [a, b] = std::ranges::mismatch(traced, native, {}, std::bit_cast<std::uint32_t, float>,
                                            std::bit_cast<std::uint32_t, float>);
  return a == traced.end()
             ? ""
             : fmt::format("result {}: {} when counted, {} when not", a - traced.begin(), *a, *b);
}

/// One case with its operands. Inputs are made only where the backend can do the case: those of a
/// backward pass take a run of the reference.
class Execution {
 public:
  Execution(const Case& subject, Inputs& inputs, Detail detail, retired::Counters& counters)
      : inputs_(inputs),
        counters_(counters),
        detail_(detail),
        dtype_(subject.dtype),
        tensors_(subject.problem.operands(subject.pass)),
        preparation_(subject.problem.layer->backend(subject.backend)
                         .prepare(subject.problem.values, Setup{subject.pass, subject.dtype, 1},
                                  tensors_)) {}

  Executed run() {
    Executed executed;
    if (const auto* absence = std::get_if<Unavailable>(&preparation_)) {
      executed.problem = absence->reason;
      return executed;
    }
    auto& prepared = std::get<Prepared>(preparation_);
    executed.implementation = prepared.implementation;
    warm_up(prepared);
    try {
      count(prepared, executed);
    } catch (const executed::Uncountable& error) {
      executed.problem = error.what();
      return executed;
    }
    const std::vector<float> traced = results(prepared);
    prepared.run();
    executed.disagreement = first_difference(traced, results(prepared));
    executed.retired = retired::compare(counters_.measure(prepared.run), executed.totals);
    return executed;
  }

 private:
  void warm_up(Prepared& prepared) {
    take_inputs(tensors_, inputs_.of(dtype_));
    reverse_inputs(tensors_);
    prepared.feed();
    prepared.run();
    reverse_inputs(tensors_);
    prepared.feed();
  }

  void count(Prepared& prepared, Executed& executed) {
    executed::Counter counter;
    counter.run(prepared.run);
    executed.totals = counter.totals();
    executed.remarks = counter.remarks();
    executed.instructions = executed.totals.instructions;
    executed.active = op_counts(executed.totals, executed::Lanes::active);
    executed.full = op_counts(executed.totals, executed::Lanes::full);
    if (detail_ == Detail::functions) {
      executed.hot_spots = counter.hot_spots();
    }
  }

  std::vector<float> results(Prepared& prepared) {
    prepared.fetch();
    return output_values(tensors_);
  }

  Inputs& inputs_;
  retired::Counters& counters_;
  Detail detail_;
  Dtype dtype_;
  Tensors<float> tensors_;
  Preparation preparation_;
};

}  // namespace

Inputs inputs_of(const Case& subject) { return {subject.problem, subject.pass, input_seed}; }

Executed execute(const Case& subject, Inputs& inputs, Detail detail, retired::Counters& counters) {
  if (std::string reason = executed::why_unavailable(); !reason.empty()) {
    Executed executed;
    executed.problem = std::move(reason);
    return executed;
  }
  return Execution(subject, inputs, detail, counters).run();
}

}  // namespace flopmeter
