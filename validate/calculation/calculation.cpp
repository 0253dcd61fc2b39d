#include "validate/calculation/calculation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "counters/convention.h"
#include "validate/calculation/closed_form.h"
#include "validate/calculation/factors.h"
#include "validate/calculation/padding.h"

namespace flopmeter::calculation {
namespace {

using claims::PaddingReading;

void name_dimensions(Part& part, const Problem& problem, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto& fields = problem.layer->fields;
    const auto field = std::ranges::find(fields, name, &FieldInfo::key);
    part.dimensions.push_back(
        {name, dimension(problem, name).value_or(0),
         field == fields.end() ? "derived from the shape" : std::string(field->meaning)});
  }
}

Line counted_line(std::string name, std::int64_t value, std::string_view reason) {
  return {.name = std::move(name),
          .value = value,
          .unit = "MACs",
          .remark = fmt::format("counted; no closed form in these dimensions: {}", reason)};
}

Line form_line(const Problem& problem, std::string name, const ClosedForm& form) {
  return {.name = std::move(name),
          .formula = form.text,
          .numbers = with_numbers(problem, form.text),
          .value = form.value,
          .unit = "MACs",
          .remark = {}};
}

/// MACs of taps on real input, from those of every tap where padding is what differs.
void add_in_bounds(Part& part, const Problem& problem, Pass pass, const FoundForm& dense,
                   const Formula& formula) {
  const std::int64_t value = formula.in_bounds.macs;
  if (dense.form) {
    const std::vector<Line> lines = padding_lines(problem, *dense.form, value);
    part.lines.insert(part.lines.end(), lines.begin(), lines.end());
    if (!lines.empty()) {
      return;
    }
  }
  const FoundForm form = find_form(problem, pass, PaddingReading::in_bounds, "macs");
  const bool right = form.form && form.form->value == value;
  part.lines.push_back(right ? form_line(problem, "macs in bounds", *form.form)
                             : counted_line("macs in bounds", value, form.reason));
}

/// What the bias costs, from the same shape without one.
void add_bias(std::vector<std::string>& remarks, const Problem& problem, Pass pass,
              const Formula& formula) {
  const auto& fields = problem.layer->fields;
  const auto field = std::ranges::find(fields, "bias", &FieldInfo::key);
  if (pass != Pass::forward || field == fields.end() || dimension(problem, "bias") != 1) {
    return;
  }
  Values values = problem.values;
  values[static_cast<std::size_t>(field - fields.begin())] = 0;
  const Formula without = problem.layer->formula(values, pass);
  remarks.push_back(fmt::format(
      "The bias adds {} parameters and {} adds: a sum starts from it, not from its first product.",
      formula.parameters - without.parameters, formula.in_bounds.adds - without.in_bounds.adds));
}

/// "square_roots" as it is said.
std::string words(std::string_view kind) {
  std::string text(kind);
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// The kinds of operations beside multiplies and adds, and why adds differ from MACs.
std::vector<std::string> other_operations(const Formula& formula) {
  const OpCounts& counts = formula.in_bounds;
  std::vector<std::string> remarks;
  if (counts.macs > 0 && counts.adds == counts.macs) {
    remarks.emplace_back("Each MAC is one multiply and one add.");
  } else if (counts.macs > counts.adds) {
    remarks.push_back(fmt::format(
        "Each MAC is one multiply; of the adds, {} are missing, because the first product of a sum "
        "starts it.",
        counts.macs - counts.adds));
  } else if (counts.adds > counts.macs) {
    remarks.push_back(fmt::format("{} adds are no part of a MAC.", counts.adds - counts.macs));
  }
  std::string others;
  for (const OpKind& kind : op_kinds) {
    const std::int64_t count = counts.*kind.count;
    if (kind.name == "multiplies" && count > counts.macs) {
      remarks.push_back(fmt::format("{} multiplies are no part of a MAC.", count - counts.macs));
    } else if (count > 0 && kind.name != "multiplies" && kind.name != "macs" &&
               kind.name != "adds" && kind.name != "fmas") {
      others += fmt::format("{} {}: {}", others.empty() ? "" : ",", words(kind.name), count);
    }
  }
  if (!others.empty()) {
    remarks.push_back(fmt::format("{}{}.", counts.macs > 0 ? "Beside them" : "It does", others));
  }
  return remarks;
}

Part explain_part(const Problem& problem, Pass pass) {
  Part part{.title = fmt::format("{} {} {}", problem.layer->name, to_string(pass), problem.shape()),
            .equation = std::string(problem.layer->equation),
            .dimensions = {},
            .lines = {},
            .remarks = {}};
  const Formula formula = problem.formula(pass);
  part.remarks = other_operations(formula);
  add_bias(part.remarks, problem, pass, formula);
  if (formula.dense.macs == 0) {
    part.remarks.emplace_back("It has no MACs: nothing is multiplied and accumulated.");
    return part;
  }
  const FoundForm dense = find_form(problem, pass, PaddingReading::dense, "macs");
  const bool right = dense.form && dense.form->value == formula.dense.macs;
  if (right) {
    name_dimensions(part, problem, dense.form->names);
    part.lines = factor_lines(problem, *dense.form);
    Line macs = form_line(problem, "macs", *dense.form);
    std::vector<std::string> names;
    std::ranges::transform(part.lines, std::back_inserter(names), &Line::name);
    macs.remark = fmt::format("{}", fmt::join(names, " x "));
    part.lines.push_back(macs);
  } else {
    part.lines.push_back(counted_line("macs", formula.dense.macs, dense.reason));
  }
  if (formula.in_bounds.macs != formula.dense.macs) {
    add_in_bounds(part, problem, pass, right ? dense : FoundForm{}, formula);
  }
  return part;
}

/// The sum over the parts that a layer is made of: "a + b + c".
Line sum_line(std::string name, const std::vector<std::int64_t>& values, std::int64_t total) {
  return {.name = std::move(name),
          .formula = values.size() > 1 ? "the sum over the parts" : "that of its one part",
          .numbers = fmt::format("{}", fmt::join(values, " + ")),
          .value = total,
          .unit = "MACs",
          .remark = {}};
}

/// The layers that it comes down to: those that are made of no others.
std::vector<Component> leaves(const AnyLayer& layer, const Values& values, Pass pass) {
  if (!layer.components) {
    return {{&layer, values, pass}};
  }
  std::vector<Component> all;
  for (const Component& one : layer.components(values, pass)) {
    std::ranges::move(leaves(*one.layer, one.values, one.pass), std::back_inserter(all));
  }
  return all;
}

void explain_components(Calculation& all, const Problem& problem, Pass pass) {
  std::map<std::pair<std::string, Pass>, std::size_t> seen;
  std::vector<int> times;
  std::vector<std::int64_t> dense;
  std::vector<std::int64_t> in_bounds;
  for (const Component& component : leaves(*problem.layer, problem.values, pass)) {
    const Problem one{component.layer, component.values, ""};
    const Formula formula = one.formula(component.pass);
    dense.push_back(formula.dense.macs);
    in_bounds.push_back(formula.in_bounds.macs);
    const auto key = std::pair(fmt::format("{} {}", one.layer->name, one.shape()), component.pass);
    const auto [place, is_new] = seen.emplace(key, all.parts.size());
    if (is_new) {
      all.parts.push_back(explain_part(one, component.pass));
      times.push_back(0);
    }
    ++times[place->second];
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    all.parts[i].title += times[i] > 1 ? fmt::format(", {} times", times[i]) : "";
  }
  const Formula whole = problem.formula(pass);
  all.sums.push_back(sum_line("macs", dense, whole.dense.macs));
  if (whole.dense.macs != whole.in_bounds.macs) {
    all.sums.push_back(sum_line("macs in bounds", in_bounds, whole.in_bounds.macs));
  }
}

std::vector<Line> convention_lines(const Formula& formula) {
  std::vector<Line> lines;
  const OpCounts& counts = formula.in_bounds;
  for (const Convention& convention : conventions()) {
    Line line{.name = std::string(convention.name),
              .value = convention.reduce(counts),
              .unit = std::string(convention.unit),
              .remark = std::string(convention.rule)};
    if (convention.name == "flop2") {
      line.formula = "2*macs";
      line.numbers = fmt::format("2*{}", counts.macs);
    } else if (convention.name == "exact") {
      line.formula = "multiplies + adds + divides + square roots";
      line.numbers = fmt::format("{} + {} + {} + {}", counts.multiplies, counts.adds,
                                 counts.divides, counts.square_roots);
    } else {
      line.formula = "macs";
      line.numbers = fmt::format("{}", counts.macs);
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::vector<Line> Calculation::lines() const {
  std::vector<Line> all;
  for (const Part& part : parts) {
    all.insert(all.end(), part.lines.begin(), part.lines.end());
  }
  all.insert(all.end(), sums.begin(), sums.end());
  all.insert(all.end(), conventions.begin(), conventions.end());
  return all;
}

Calculation calculate(const Problem& problem, Pass pass) {
  Calculation all{
      .title = fmt::format("{} {} {}", problem.layer->name, to_string(pass), problem.shape()),
      .equation = std::string(problem.layer->equation),
      .parts = {},
      .sums = {},
      .conventions = {},
      .remarks = {}};
  if (problem.layer->components) {
    explain_components(all, problem, pass);
  } else {
    all.parts.push_back(explain_part(problem, pass));
  }
  all.conventions = convention_lines(problem.formula(pass));
  return all;
}

}  // namespace flopmeter::calculation
