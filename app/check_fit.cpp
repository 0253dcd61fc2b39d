// What `flopmeter check --fit` says: the closed form, and how a formula differs from it.
#include "app/check.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;
using fit::Form;

Json form_json(const Form& form) {
  return {{"when", form.when.empty() ? Json(nullptr) : Json(form.when)},
          {"closed_form", form.polynomial ? Json(form.polynomial->text()) : Json(nullptr)},
          {"inferred_from", form.inferred_from},
          {"verified_on", form.verified_on},
          {"refused", form.refused.empty() ? Json(nullptr) : Json(form.refused)}};
}

Json fit_json(const fit::Fit& fit) {
  const std::string_view reading = claims::reading_name(fit.measure);
  Json json{{"reading", reading.empty() ? Json(nullptr) : Json(reading)},
            {"found", fit.found()},
            {"forms", Json::array()}};
  for (const Form& form : fit.forms) {
    json["forms"].push_back(form_json(form));
  }
  return json;
}

/// "when causal = 1: macs = mb*l". `name` is what the form is of.
std::string form_text(const Form& form, const std::string& name) {
  std::string text = form.when.empty() ? "  " : fmt::format("  when {}: ", form.when);
  if (!form.polynomial) {
    return text + fmt::format("{}: no closed form found: {}\n", name, form.refused);
  }
  text += fmt::format("{} = {}\n", name, form.polynomial->text());
  return text + fmt::format("  inferred from {} shapes, exact on {} others\n", form.inferred_from,
                            form.verified_on);
}

/// A formula that is the closed form needs no more words.
bool same(const fit::Fit& difference) {
  return std::ranges::all_of(difference.forms, [](const Form& form) {
    return form.polynomial && form.polynomial->terms.empty();
  });
}

}  // namespace

Json to_json(const FitReport& report) {
  Json json = check_json(report.statement, report.scale);
  json["fit"] = fit_json(report.fit);
  json["difference"] = report.difference ? fit_json(*report.difference) : Json(nullptr);
  return json;
}

std::string to_text(const FitReport& report) {
  const std::string name = report.statement.subject();
  const std::string_view reading = claims::reading_name(report.fit.measure);
  std::string text =
      fmt::format("closed form of {}{}{}\n", check_subject(report.statement, report.scale),
                  reading.empty() ? "" : ", ",
                  reading == "dense" ? "dense (padding computed as zeros)" : reading);
  for (const Form& form : report.fit.forms) {
    text += form_text(form, name);
  }
  if (report.difference && same(*report.difference)) {
    text += "  the formula is the same\n";
  } else if (report.difference) {
    for (const Form& form : report.difference->forms) {
      text += form_text(form, "formula - measured");
    }
  }
  return text;
}

}  // namespace flopmeter
