// flopmeter check: a formula of the user's, held against measured counts.
#include "app/check.h"

#include <cmath>
#include <memory>

#include "app/subcommands.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;
using claims::PaddingReading;
using claims::SampleComparison;
using claims::Scale;
using claims::Statement;

std::string pass_names(const std::vector<Pass>& passes) {
  std::string names;
  for (const Pass pass : passes) {
    names += (names.empty() ? "" : " + ") + std::string(to_string(pass));
  }
  return names;
}

/// What shows the measured numbers, one command a pass.
std::string command(const Scale& scale, const std::string& shape) {
  std::string text;
  for (const Pass pass : scale.passes) {
    text += text.empty() ? "" : " && ";
    text += fmt::format("flopmeter count {} {}", scale.layer->name, shape);
    text += pass == Pass::forward ? "" : fmt::format(" --pass {}", to_string(pass));
  }
  return text;
}

std::string percent(const SampleComparison& comparison) {
  const double deviation = claims::signed_deviation(comparison);
  return std::isfinite(deviation) ? fmt::format("{:+.3g} %", 100 * deviation) : "no ratio";
}

std::string verdict(const claims::Check& check) {
  const claims::Answer& answer = check.answers[check.chosen];
  const std::string_view reading = claims::reading_name(answer.finding.measure);
  return answer.verdict() + (reading.empty() ? "" : fmt::format(", {}", reading));
}

/// Infinities are no JSON.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json counterexample_json(const claims::Check& check, const SampleComparison& wrong) {
  return {{"shape", wrong.shape},
          {"formula", finite(wrong.formula)},
          {"measured", wrong.measured},
          {"deviation", finite(claims::signed_deviation(wrong))},
          {"command", command(check.scale, wrong.shape)}};
}

Json answer_json(const claims::Check& check, const claims::Answer& answer) {
  const std::string_view reading = claims::reading_name(answer.finding.measure);
  return {
      {"reading", reading.empty() ? Json(nullptr) : Json(reading)},
      {"verdict", answer.verdict()},
      {"holds", answer.holds()},
      {"conditions", answer.finding.when},
      {"shapes", answer.finding.samples},
      {"shapes_under_conditions", answer.holds_somewhere() ? answer.finding.covered : 0},
      {"counterexample",
       answer.counterexample ? counterexample_json(check, *answer.counterexample) : Json(nullptr)}};
}

std::string answer_text(const claims::Check& check, const claims::Answer& answer) {
  const std::string_view reading = claims::reading_name(answer.finding.measure);
  const std::size_t indent = reading.empty() ? 2 : 13;
  std::string text = fmt::format("  {:<{}}{}\n", reading, indent - 2, answer.verdict());
  if (answer.counterexample) {
    const SampleComparison& wrong = *answer.counterexample;
    text += fmt::format("{:{}}not on {}: formula {}, measured {} ({})\n", "", indent, wrong.shape,
                        claims::number(wrong.formula), wrong.measured, percent(wrong));
    text += fmt::format("{:{}}{}\n", "", indent, command(check.scale, wrong.shape));
  }
  return text;
}

std::vector<Pass> parse_passes(const AnyLayer& layer, const std::string& name) {
  if (name == "all") {
    return layer.passes;
  }
  if (std::ranges::none_of(all_passes, [&](Pass pass) { return to_string(pass) == name; })) {
    bad_input("unknown pass '{}': forward, backward_data, backward_weights or all", name);
  }
  return {parse_pass(name)};
}

std::optional<PaddingReading> parse_reading(const std::string& name) {
  if (name.empty()) {
    return std::nullopt;
  }
  if (name != "dense" && name != "in-bounds") {
    bad_input("unknown padding '{}': one of dense, in-bounds", name);
  }
  return name == "dense" ? PaddingReading::dense : PaddingReading::in_bounds;
}

struct CheckOptions {
  std::string layer, statement, pass = "forward", dtype = "f32", padding;
  bool fit = false, json = false;
};

/// The check, the closed form and the difference of the two, as far as asked for.
int run_check(const CheckOptions& options) {
  const AnyLayer& layer = find_layer(options.layer);
  const Statement statement = claims::parse_statement(options.statement);
  const Scale scale{&layer, parse_passes(layer, options.pass), parse_dtype(options.dtype),
                    parse_reading(options.padding)};
  const bool stated = !statement.formula.empty();
  if (!stated && !options.fit) {
    bad_input("'{0}' has no formula: write '{0} = ...', or --fit to find one", options.statement);
  }
  std::optional<claims::Check> check;
  if (stated) {
    check = claims::check(statement, scale);
  }
  std::optional<FitReport> fit;
  if (options.fit) {
    fit = {statement, scale, fit::fit(statement, scale), {}};
    if (stated) {
      fit->difference = fit::fit_difference(statement, scale);
    }
  }
  if (options.json) {
    Json json = check ? to_json(*check) : Json::object();
    json.update(fit ? to_json(*fit) : Json::object());
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{}{}", check ? to_text(*check) : "", fit ? to_text(*fit) : "");
  }
  return (!check || check->holds()) && (!fit || fit->fit.found()) ? 0 : 1;
}

}  // namespace

std::string check_subject(const Statement& statement, const Scale& scale) {
  const std::string dtype =
      statement.quantity == "bytes" ? fmt::format(", {}", to_string(scale.dtype)) : "";
  return fmt::format("{} of {}, {}{}", statement.subject(), scale.layer->name,
                     pass_names(scale.passes), dtype);
}

Json check_json(const Statement& statement, const Scale& scale) {
  Json json{
      {"layer", scale.layer->name},
      {"quantity", statement.quantity},
      {"convention", statement.convention.empty() ? Json(nullptr) : Json(statement.convention)},
      {"passes", Json::array()},
      {"dtype", to_string(scale.dtype)}};
  for (const Pass pass : scale.passes) {
    json["passes"].push_back(to_string(pass));
  }
  return json;
}

Json to_json(const claims::Check& check) {
  Json json = check_json(check.statement, check.scale);
  json["relation"] = check.statement.approximately ? "approximately" : "equals";
  json["formula"] = check.statement.formula;
  json["verdict"] = verdict(check);
  json["holds"] = check.holds();
  json["readings"] = Json::array();
  for (const claims::Answer& answer : check.answers) {
    json["readings"].push_back(answer_json(check, answer));
  }
  return json;
}

std::string to_text(const claims::Check& check) {
  std::string text =
      fmt::format("{} {} {}\n", check_subject(check.statement, check.scale),
                  check.statement.approximately ? "~" : "=", check.statement.formula);
  for (const claims::Answer& answer : check.answers) {
    text += answer_text(check, answer);
  }
  return text;
}

void add_check(CLI::App& app, int& exit_code) {
  CLI::App* check = app.add_subcommand("check", "Is a formula of yours true?");
  check->footer(
      "The formula is held against counts of a sweep of small shapes. It may use the keys of the\n"
      "layer's shapes (`flopmeter list`), what is derived from them, and measured numbers (macs).\n"
      "Quantities: macs, multiplies, adds, ..., flops, flops(flop2), params, bytes.\n"
      "Exit codes: 0 it holds on all shapes, 1 it does not, 2 it cannot be read.\n"
      "Examples:\n"
      "  flopmeter check linear 'macs = mb*ic*id*ih*iw*oc'\n"
      "  flopmeter check conv2d 'macs = mb*ic*oc*oh*ow*kh*kw/g' --padding dense\n"
      "  flopmeter check linear 'flops(flop2) ~ 6*mb*ic*oc' --pass all\n"
      "  flopmeter check conv2d adds --fit");
  auto options = std::make_shared<CheckOptions>();
  check->add_option("layer", options->layer, "matmul, linear, conv2d, ...")->required();
  check
      ->add_option("formula", options->statement,
                   "QUANTITY = EXPRESSION; ~ for approximately; with --fit QUANTITY alone will do")
      ->required();
  check
      ->add_option("--pass", options->pass,
                   "forward, backward_data, backward_weights, or all for their sum")
      ->capture_default_str();
  check->add_option("--dtype", options->dtype, "number type, for bytes")->capture_default_str();
  check->add_option("--padding", options->padding,
                    "dense: every tap; in-bounds: those that touch real input (default: both)");
  check->add_flag("--fit", options->fit,
                  "infer the closed form from counts; compare it with the formula, if any");
  check->add_flag("--json", options->json, "one JSON object");
  check->callback([options, &exit_code] { exit_code = run_check(*options); });
}

}  // namespace flopmeter
