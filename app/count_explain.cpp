#include "app/count_explain.h"

#include <fmt/format.h>

#include "app/executed.h"
#include "app/retired.h"
#include "counters/convention.h"
#include "validate/calculation/calculation.h"

namespace flopmeter {
namespace {

std::string amount(const OpCounts& counts) {
  return counts.macs > 0 ? fmt::format("{} MACs", counts.macs)
                         : fmt::format("{} FLOPs (exact)", find_convention("exact").reduce(counts));
}

std::string formula_sentence(const Formula& formula) {
  return formula.dense == formula.in_bounds
             ? fmt::format("{}, from the shape alone; nothing lies outside of the input",
                           amount(formula.dense))
             : fmt::format("{} of every tap, {} in bounds, from the shape alone",
                           amount(formula.dense), amount(formula.in_bounds));
}

std::string definition_sentence(const CountColumn& definition, const Formula& formula) {
  if (!definition.counts) {
    return definition.reason;
  }
  return fmt::format(
      "{} by the definition in plain loops, on numbers that count what is done with them; {}",
      amount(*definition.counts),
      *definition.counts == formula.in_bounds ? "kind by kind those of the formula in bounds"
                                              : "NOT those of the formula in bounds");
}

std::string counted_sentence(const CountReport& report) {
  std::string text = definition_sentence(report.counted.front(), report.formula);
  for (const CountColumn& column : report.counted) {
    if (&column != &report.counted.front() && column.counts) {
      text += fmt::format("; {} by {}", amount(*column.counts), column.name);
    }
  }
  return text;
}

}  // namespace

std::string explained_text(const CountReport& report) {
  std::string text = to_text(calculation::calculate(report.problem, report.pass));
  text += "\nThe four counts of it:\n";
  text += fmt::format("  formula    {}.\n", formula_sentence(report.formula));
  text += fmt::format("  counted    {}.\n", counted_sentence(report));
  text += fmt::format(
      "  executed   what machine code does in {}, as a multiple of the formula, and why:\n",
      to_string(report.dtype));
  for (const Account& account : report.executed) {
    text += fmt::format("    {:<10} {}\n", account.subject.backend, executed_line(account));
  }
  return text + "  retired    what the CPU itself counts:\n" + retired_text(report.executed) +
         published_text(report.published);
}

std::string explained_markdown(const Problem& problem, Pass pass, std::int64_t mac_limit) {
  const Formula formula = problem.formula(pass);
  const CountColumn definition = count_backend(problem, pass, problem.layer->definition(),
                                               beyond(mac_limit, problem, pass, Dtype::f32));
  return to_markdown(calculation::calculate(problem, pass)) +
         fmt::format(
             "### The four counts of it\n\n- formula: {}.\n- counted: {}.\n- executed and retired: "
             "what machine code does depends on the CPU and the libraries; `flopmeter count {} {}` "
             "prints it.\n",
             formula_sentence(formula), definition_sentence(definition, formula),
             problem.layer->name, problem.shape());
}

}  // namespace flopmeter
