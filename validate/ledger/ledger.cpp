#include "validate/ledger/ledger.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "kernels/composition.h"
#include "kernels/inputs.h"
#include "validate/ledger/crashes.h"

namespace flopmeter {
namespace {

constexpr std::uint64_t fill_seed = 20260101;

/// The outputs of a reference run, in order, as one sequence.
std::vector<double> plain_values(const std::vector<Counted<double>>& counted) {
  std::vector<double> values(counted.size());
  std::ranges::transform(counted, values.begin(), &Counted<double>::value);
  return values;
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(lines));
}

OpCounts count_dense(const Problem& problem, Pass pass) {
  const Values padded = problem.layer->padded_out(problem.values);
  Tensors<Counted<double>> zeros(problem.layer->operands(padded, pass));
  return count_operations([&] { problem.layer->reference(padded, pass, zeros); });
}

/// The part of a problem that all its cases share: the same inputs, the same truth.
class Examination {
 public:
  Examination(const Problem& problem, Pass pass, Depth depth)
      : problem_(problem),
        pass_(pass),
        depth_(depth),
        operands_(problem.operands(pass)),
        inputs_(problem, pass, fill_seed) {}

  ProblemLedger run(std::span<const Dtype> dtypes) {
    ProblemLedger ledger{problem_, pass_, problem_.formula(pass_), {}, {}, {}, {}};
    find_truth(ledger);
    for (const AnyBackend& backend : problem_.layer->backends) {
      for (const Dtype dtype : dtypes) {
        ledger.entries.push_back(enter(backend, dtype, ledger));
      }
    }
    return ledger;
  }

 private:
  void find_truth(ProblemLedger& ledger) {
    const AnyLayer& layer = *problem_.layer;
    Tensors<Counted<double>> tensors(inputs_.of(Dtype::f32));
    ledger.counted_in_bounds =
        count_operations([&] { layer.reference(problem_.values, pass_, tensors); });
    truth_ = plain_values(output_values(tensors));
    const bool padded = layer.padded_out(problem_.values) != problem_.values;
    ledger.counted_dense = padded ? count_dense(problem_, pass_) : ledger.counted_in_bounds;

    const Formula& formula = ledger.formula;
    auto& lines = ledger.disagreements;
    append(lines, differences("in bounds", formula.in_bounds, ledger.counted_in_bounds));
    append(lines, differences("dense", formula.dense, ledger.counted_dense));
    const std::int64_t stored = parameter_elements(operands_);
    if (pass_ == Pass::forward && formula.parameters != stored) {
      lines.push_back(fmt::format("parameters: {} stated, {} stored", formula.parameters, stored));
    }
  }

  Entry enter(const AnyBackend& backend, Dtype dtype, const ProblemLedger& ledger) {
    Entry entry;
    entry.subject = {problem_, pass_, backend.name, dtype};
    const std::string name = entry.subject.name();
    if (const std::string crash = crashes::crash_of(name); !crash.empty()) {
      entry.disagreements.push_back("crashed: " + crash);
      return entry;
    }
    const crashes::Running running(name);
    try {
      examine(backend, entry, ledger);
    } catch (const CountOverflow&) {
      throw;
    } catch (const std::exception& error) {
      entry.disagreements.push_back(fmt::format("failed: {}", error.what()));
    }
    return entry;
  }

  void examine(const AnyBackend& backend, Entry& entry, const ProblemLedger& ledger) {
    const bool of_this_pass = pass_ == Pass::forward || backend.kind == BackendKind::definition;
    if (entry.subject.dtype == Dtype::f32 && of_this_pass &&
        !why_not_counted({problem_.layer, problem_.values, pass_}, backend.name)) {
      entry.stated = backend.stated(problem_.values, pass_);
      entry.counted =
          backend.kind == BackendKind::definition ? ledger.counted_in_bounds : count(backend);
      append(entry.disagreements, differences("algorithm", *entry.stated, *entry.counted));
    }
    compute(backend, entry);
    if (depth_ == Depth::executed && entry.agreement) {
      execute(entry);
    }
  }

  OpCounts count(const AnyBackend& backend) {
    Tensors<Counted<float>> tensors(inputs_.of(Dtype::f32));
    return count_operations([&] { backend.counted(problem_.values, pass_, tensors); });
  }

  void compute(const AnyBackend& backend, Entry& entry) {
    const Dtype dtype = entry.subject.dtype;
    const bool shared = same_inputs(dtype, Dtype::f32);
    Tensors<float> tensors(inputs_.of(dtype));
    const Preparation preparation =
        backend.prepare(problem_.values, Setup{pass_, dtype, 1}, tensors);
    if (const auto* absence = std::get_if<Unavailable>(&preparation)) {
      entry.unavailable = absence->reason;
      return;
    }
    const std::vector<double> own_truth =
        shared ? std::vector<double>() : truth_of(inputs_.of(dtype));
    const auto& prepared = std::get<Prepared>(preparation);
    prepared.run();
    prepared.fetch();
    const Tolerance tolerance = problem_.layer->tolerance(problem_.values, pass_, dtype);
    entry.agreement =
        check_agreement(output_values(tensors), shared ? truth_ : own_truth, tolerance);
    if (!entry.agreement->passed) {
      entry.disagreements.push_back("output: " + entry.agreement->reason);
    }
  }

  void execute(Entry& entry) {
    entry.account = account(entry.subject, inputs_);
    const std::string& changed = entry.account->executed.disagreement;
    if (!changed.empty()) {
      entry.disagreements.push_back("counting executed instructions changed it: " + changed);
    }
  }

  std::vector<double> truth_of(const Tensors<float>& inputs) const {
    Tensors<double> tensors(inputs);
    problem_.layer->reference(problem_.values, pass_, tensors);
    return output_values(tensors);
  }

  const Problem& problem_;
  Pass pass_;
  Depth depth_;
  std::vector<Operand> operands_;
  Inputs inputs_;
  std::vector<double> truth_;
};

}  // namespace

bool ProblemLedger::failed() const {
  return !disagreements.empty() || std::ranges::any_of(entries, &Entry::failed);
}

std::vector<std::string> differences(std::string_view what, const OpCounts& stated,
                                     const OpCounts& counted) {
  std::vector<std::string> lines;
  for (const OpKind& kind : op_kinds) {
    if (stated.*kind.count != counted.*kind.count) {
      lines.push_back(fmt::format("{} {}: {} stated, {} counted", what, kind.name,
                                  stated.*kind.count, counted.*kind.count));
    }
  }
  return lines;
}

ProblemLedger examine(const Problem& problem, Pass pass, std::span<const Dtype> dtypes,
                      Depth depth) {
  return Examination(problem, pass, depth).run(dtypes);
}

std::vector<ProblemLedger> examine_all(std::span<const Problem> problems, Pass pass,
                                       std::span<const Dtype> dtypes, Depth depth, int workers,
                                       const std::function<void(const ProblemLedger&)>& done) {
  // Longest first, so that no worker is left alone with a long one at the end.
  std::vector<std::size_t> order(problems.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return problems[i].formula(pass).dense.macs; });

  std::vector<ProblemLedger> ledgers(problems.size());
  std::atomic<std::size_t> next{0};
  std::mutex reporting;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t at = next++; at < order.size(); at = next++) {
      try {
        ProblemLedger ledger = examine(problems[order[at]], pass, dtypes, depth);
        const std::lock_guard lock(reporting);
        done(ledger);
        ledgers[order[at]] = std::move(ledger);
      } catch (...) {
        const std::lock_guard lock(reporting);
        failure = std::current_exception();
        next = order.size();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) {
      threads.emplace_back(work);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  return ledgers;
}

}  // namespace flopmeter
