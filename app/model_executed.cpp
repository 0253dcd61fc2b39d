#include "app/model_executed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <map>

#include "app/counts_json.h"
#include "app/executed.h"
#include "app/text.h"
#include "results/report/text_table.h"
#include "validate/executed/after_formula.h"
#include "validate/executed/shares.h"

namespace flopmeter {
namespace {

/// Every result of the network, one behind the other.
std::vector<float> results_of(const models::Chain& chain, models::ChainRun& run) {
  std::vector<float> all;
  for (const Tensor& tensor : chain.network.tensors()) {
    if (tensor.lifetime == Lifetime::output) {
      const std::vector<float> one = run.result(tensor.name);
      all.insert(all.end(), one.begin(), one.end());
    }
  }
  return all;
}

std::string first_change(const std::vector<float>& counted, const std::vector<float>& native) {
  const auto [a, b] =
      std::ranges::mismatch(counted, native, {}, std::bit_cast<std::uint32_t, float>,
                            std::bit_cast<std::uint32_t, float>);
  return a == counted.end()
             ? ""
             : fmt::format("result {}: {} when counted, {} when not", a - counted.begin(), *a, *b);
}

/// Runs the part under the counter; natively where it is not to be counted, or cannot be.
Executed count_part(executed::Counter& counter, const std::function<void()>& body) {
  Executed counts;
  counter.reset();
  try {
    counter.run(body);
  } catch (const executed::Uncountable& error) {
    counts.problem = error.what();
    return counts;
  }
  counts.totals = counter.totals();
  counts.remarks = counter.remarks();
  counts.instructions = counts.totals.instructions;
  counts.active = op_counts(counts.totals, executed::Lanes::active);
  counts.full = op_counts(counts.totals, executed::Lanes::full);
  return counts;
}

bool above(std::int64_t limit, const models::FusedNode& node) {
  const Problem problem{node.layer, node.shape, ""};
  return problem.formula(node.pass).dense.macs > limit ||
         compulsory_bytes(problem, node.pass, node.dtype) > limit;
}

/// "conv2d + relu".
std::string layer_of(const models::FusedNode& node) {
  return node.after.empty()
             ? std::string(node.layer->name)
             : fmt::format("{} + {}", node.layer->name, fmt::join(node.after, " + "));
}

Case subject_of(const ExecutedPart& part, const models::FusedNode& node) {
  return {{node.layer, node.shape, node.name}, node.pass, part.part.backend, part.part.dtype};
}

std::string share_text(const Executed& executed) {
  const auto fma = shares(executed).fma;
  return fma ? fmt::format("{:.1f}", 100 * *fma) : "-";
}

std::string explanation_text(const ExecutedPart& part) {
  return !part.executed.counted() ? "not counted: " + part.executed.problem
         : part.explanation       ? to_string(*part.explanation)
         : part.part.reorder      ? "brings numbers from one layout to another: no formula"
                                  : "";
}

std::vector<report::Cell> row_of(const ExecutedPart& part, const models::FusedNode& node) {
  const auto count = [&](std::int64_t value) {
    return report::Cell{part.executed.counted() ? grouped(value) : "-"};
  };
  return {{part.part.name},
          {part.part.reorder ? "reorder" : layer_of(node)},
          {part.part.reorder ? part.part.implementation : node.layer->print(node.shape)},
          {std::string(part.explanation ? part.explanation->quantity : "")},
          {part.explanation ? grouped(part.explanation->formula) : "-"},
          {part.explanation ? grouped(part.explanation->executed) : "-"},
          count(part.executed.active.multiplies),
          count(part.executed.active.adds),
          {part.executed.counted() ? share_text(part.executed) : "-"},
          {explanation_text(part)}};
}

/// Sums over the nodes that were counted.
struct ChainSum {
  OpCounts executed, formula;
  std::int64_t instructions = 0, reorder_instructions = 0;
};

ChainSum sum_of(const ExecutedChain& chain) {
  ChainSum sum;
  for (const ExecutedPart& part : chain.parts) {
    if (!part.executed.counted()) {
      continue;
    }
    std::int64_t& instructions = part.part.reorder ? sum.reorder_instructions : sum.instructions;
    instructions = checked_add(instructions, part.executed.instructions);
    sum.executed = sum.executed + part.executed.active;
    sum.formula = sum.formula + part.formula;
  }
  return sum;
}

/// What was left out, a line each; empty where nothing was.
std::vector<std::string> left_out(const ExecutedChain& chain) {
  std::vector<std::string> lines;
  std::map<std::string, std::size_t> reasons;
  executed::Remarks remarks;
  for (const ExecutedPart& part : chain.parts) {
    if (!part.executed.counted()) {
      ++reasons[part.executed.problem];
    }
    remarks.threads_created += part.executed.remarks.threads_created;
    remarks.repeated = remarks.repeated || part.executed.remarks.repeated;
  }
  for (const auto& [reason, number] : reasons) {
    lines.push_back(fmt::format("{} parts were not counted: {}", number, reason));
  }
  if (remarks.threads_created > 0) {
    lines.push_back(fmt::format("{} threads ran uncounted", remarks.threads_created));
  }
  if (remarks.repeated) {
    lines.emplace_back("instructions with a rep prefix count once, however often they repeat");
  }
  return lines;
}

nlohmann::json part_json(const ExecutedPart& part, const models::FusedNode& node) {
  nlohmann::json one =
      part.part.reorder || !part.explanation
          ? nlohmann::json{{"instructions", part.executed.instructions},
                           {"active", counts_json(part.executed.active)}}
          : to_json(Account{subject_of(part, node), part.executed, part.explanation});
  if (!part.executed.counted()) {
    one = {{"unavailable", part.executed.problem}};
  }
  one["name"] = part.part.name;
  one["kind"] = part.part.reorder ? "reorder" : "node";
  one["layer"] = part.part.reorder ? "reorder" : std::string(node.layer->name);
  one["shape"] = part.part.reorder ? part.part.implementation : node.layer->print(node.shape);
  one["after"] = part.part.reorder ? nlohmann::json::array() : nlohmann::json(node.after);
  one["fused"] = part.part.reorder ? nlohmann::json::array() : nlohmann::json(node.fused);
  one["backend"] = part.part.backend;
  one["implementation"] = part.part.implementation;
  one["formula_in_bounds"] = counts_json(part.formula);
  one["explained"] = part.explanation && part.explanation->exact();
  return one;
}

}  // namespace

std::size_t ExecutedChain::nodes() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(parts, [](const ExecutedPart& part) { return !part.part.reorder; }));
}

std::size_t ExecutedChain::explained() const {
  return static_cast<std::size_t>(std::ranges::count_if(parts, [](const ExecutedPart& part) {
    return part.explanation && part.explanation->exact();
  }));
}

std::size_t ExecutedChain::uncounted() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      parts, [](const ExecutedPart& part) { return !part.executed.counted(); }));
}

ExecutedChain execute_chain(const models::Chain& chain, models::ChainRun& run, std::int64_t limit) {
  ExecutedChain made{.limit = limit};
  const std::string unavailable = executed::why_unavailable();
  run.run();
  run.run();
  const std::vector<float> native = results_of(chain, run);
  std::optional<executed::Counter> counter;
  if (unavailable.empty()) {
    counter.emplace();
  }
  run.run([&](std::size_t i, const std::function<void()>& body) {
    ExecutedPart& part =
        made.parts.emplace_back(ExecutedPart{.part = run.parts()[i], .executed = {}});
    const models::FusedNode& node = chain.nodes[part.part.node];
    if (!counter || (!part.part.reorder && above(limit, node))) {
      part.executed.problem =
          counter ? fmt::format("more MACs or bytes than --limit {}", limit) : unavailable;
      body();
      return;
    }
    part.executed = count_part(*counter, body);
    part.executed.implementation = part.part.implementation;
  });
  made.changed = first_change(results_of(chain, run), native);
  for (ExecutedPart& part : made.parts) {
    if (part.part.reorder || !part.executed.counted()) {
      continue;
    }
    const models::FusedNode& node = chain.nodes[part.part.node];
    const auto& after = chain.network.nodes()[part.part.node].after;
    const Case subject = subject_of(part, node);
    part.formula = subject.problem.formula(node.pass).in_bounds + formula_of_after(subject, after);
    part.explanation = explain(subject, part.executed, after);
  }
  return made;
}

std::string executed_chain_text(const ExecutedChain& executed, const models::Chain& chain) {
  report::TextTable table{.columns = {{"executed"},
                                      {"layer"},
                                      {"shape"},
                                      {"counted as"},
                                      {"formula", true},
                                      {"machine code", true},
                                      {"multiplies", true},
                                      {"adds", true},
                                      {"% FMA", true},
                                      {"machine code / formula"}}};
  for (const ExecutedPart& part : executed.parts) {
    table.rows.push_back(row_of(part, chain.nodes[part.part.node]));
  }
  const ChainSum sum = sum_of(executed);
  std::string text = report::to_text(table, 2);
  text += fmt::format(
      "\n  executed: one run on one thread, every part counted in its place; lanes that masks let "
      "through\n"
      "  {} of {} nodes explained exactly by named effects; {} MACs, {} multiplies and {} adds "
      "executed{}, formula in bounds {} MACs\n"
      "  {} instructions in nodes, {} in reorders\n",
      executed.explained(), executed.nodes(), grouped(sum.executed.macs),
      grouped(sum.executed.multiplies), grouped(sum.executed.adds),
      executed.uncounted() == 0 ? "" : " at least", grouped(sum.formula.macs),
      grouped(sum.instructions), grouped(sum.reorder_instructions));
  for (const std::string& line : left_out(executed)) {
    text += fmt::format("  left out: {}\n", line);
  }
  if (!executed.changed.empty()) {
    text += fmt::format("  DISAGREES: counting changed the results: {}\n", executed.changed);
  }
  return text + "\n";
}

nlohmann::json executed_chain_json(const ExecutedChain& executed, const models::Chain& chain) {
  nlohmann::json parts = nlohmann::json::array();
  for (const ExecutedPart& part : executed.parts) {
    parts.push_back(part_json(part, chain.nodes[part.part.node]));
  }
  const ChainSum sum = sum_of(executed);
  return {{"nodes", parts},
          {"threads", 1},
          {"explained", executed.explained()},
          {"of", executed.nodes()},
          {"whole", executed.uncounted() == 0},
          {"left_out", left_out(executed)},
          {"active", counts_json(sum.executed)},
          {"formula_in_bounds", counts_json(sum.formula)},
          {"instructions", sum.instructions},
          {"reorder_instructions", sum.reorder_instructions},
          {"changed", executed.changed}};
}

}  // namespace flopmeter
