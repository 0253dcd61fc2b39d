// flopmeter list: the vocabulary: layers with their shapes, backends, dtypes, conventions, cases.
#include <fmt/format.h>

#include <memory>

#include "app/subcommands.h"
#include "counters/convention.h"
#include "kernels/case.h"

namespace flopmeter {
namespace {

std::string value_text(const FieldInfo& field) {
  return field.otherwise == unset ? "" : fmt::format(" (default {})", field.otherwise);
}

void list_layers() {
  for (const AnyLayer& layer : layers()) {
    fmt::print("{}: {}\n", layer.name, layer.equation);
    for (const FieldInfo& field : layer.fields) {
      fmt::print("  {:<6}{}{}\n", field.key, field.meaning, value_text(field));
    }
    fmt::print("  backends:");
    for (const AnyBackend& backend : layer.backends) {
      fmt::print(" {}", backend.name);
    }
    fmt::print("\n\n");
  }
  fmt::print("conventions:\n");
  for (const Convention& convention : conventions()) {
    fmt::print("  {:<6}{}\n", convention.name, convention.rule);
  }
}

void list_cases(const std::string& wanted) {
  for (const AnyLayer& layer : layers()) {
    if (!wanted.empty() && layer.name != wanted) {
      continue;
    }
    for (const Problem& problem : default_problems(layer)) {
      fmt::print("{:<8}{:<56}{}\n", layer.name, problem.shape(), problem.label);
    }
  }
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  CLI::App* list = app.add_subcommand("list", "Layers with their shapes, backends and conventions");
  list->footer("Examples:\n  flopmeter list\n  flopmeter list --cases --layer conv2d");
  auto cases = std::make_shared<bool>(false);
  auto layer = std::make_shared<std::string>();
  list->add_flag("--cases", *cases, "The default shapes instead");
  list->add_option("--layer", *layer, "Only this layer's shapes");
  list->callback([=, &exit_code] {
    if (!layer->empty()) {
      find_layer(*layer);
    }
    *cases || !layer->empty() ? list_cases(*layer) : list_layers();
    exit_code = 0;
  });
}

}  // namespace flopmeter
