#include "models/onnx/free_dims.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <utility>

#include "kernels/bad_input.h"
#include "models/onnx/fitting_dims.h"

namespace flopmeter::onnx {
namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '(')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == ')')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 18 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Where the expression is cut: the last sum, else the last product; npos for a plain name. A minus or
/// a slash belongs to a name unless it has spaces around it.
std::size_t operator_at(std::string_view text) {
  for (const std::string_view kind : {"+", " - ", "*", " / ", "//"}) {
    const std::size_t at = text.rfind(kind);
    if (at != std::string_view::npos && at > 0 && at + kind.size() < text.size()) {
      return at + (kind.size() == 3 ? 1 : 0);
    }
  }
  return std::string_view::npos;
}

void append_atoms(std::string_view text, std::vector<std::string>& atoms) {
  const std::size_t at = operator_at(text);
  if (at == std::string_view::npos) {
    const std::string name = trimmed(text);
    if (!name.empty() && !is_number(name)) {
      atoms.push_back(name);
    }
    return;
  }
  append_atoms(text.substr(0, at), atoms);
  append_atoms(text.substr(at + (text.substr(at, 2) == "//" ? 2 : 1)), atoms);
}

Dim atom_value(const std::string& name, const GraphOptions& options) {
  if (is_number(name)) {
    return std::stoll(name);
  }
  if (const auto found = options.dims.find(name); found != options.dims.end()) {
    return found->second;
  }
  const auto all = options.dims.find("*");
  return all == options.dims.end() ? Dim::unknown(name) : Dim(all->second);
}

Dim evaluate(std::string_view text, const GraphOptions& options) {
  const std::size_t at = operator_at(text);
  if (at == std::string_view::npos) {
    return atom_value(trimmed(text), options);
  }
  const bool whole = text.substr(at, 2) == "//";
  const Dim left = evaluate(text.substr(0, at), options);
  const Dim right = evaluate(text.substr(at + (whole ? 2 : 1)), options);
  return text[at] == '+'   ? left + right
         : text[at] == '-' ? left - right
         : text[at] == '*' ? left * right
                           : floor_divide(left, right);
}

}  // namespace

bool is_free(const DimProto& dim) { return !dim.value || *dim.value < 0; }

std::string dim_name(const ValueInfo& input, std::size_t i) {
  const std::string_view param = (*input.dims)[i].param;
  return param.empty() ? fmt::format("{}.{}", input.name, i) : std::string(param);
}

std::vector<std::string> atoms_of(std::string_view name) {
  std::vector<std::string> atoms;
  append_atoms(name, atoms);
  return atoms;
}

Dim bound_dim(const std::string& name, const GraphOptions& options) {
  if (const auto found = options.dims.find(name); found != options.dims.end()) {
    return found->second;
  }
  return evaluate(name, options);
}

std::vector<const ValueInfo*> true_inputs(const GraphProto& graph) {
  std::unordered_set<std::string_view> stored;
  for (const TensorProto& tensor : graph.initializers) {
    stored.insert(tensor.name);
  }
  std::vector<const ValueInfo*> inputs;
  for (const ValueInfo& input : graph.inputs) {
    if (!stored.contains(input.name)) {
      inputs.push_back(&input);
    }
  }
  return inputs;
}

std::vector<std::string> free_dims(const ModelProto& model) {
  std::vector<std::string> names;
  for (const ValueInfo* input : true_inputs(model.graph)) {
    for (std::size_t i = 0; input->dims && i < input->dims->size(); ++i) {
      if (!is_free((*input->dims)[i])) {
        continue;
      }
      for (std::string& atom : atoms_of(dim_name(*input, i))) {
        if (std::ranges::find(names, atom) == names.end()) {
          names.push_back(std::move(atom));
        }
      }
    }
  }
  return names;
}

namespace {

/// A value for a name that no input has is a mistake in writing.
void check_names(const std::vector<std::string>& free, const ModelProto& model,
                 const GraphOptions& options) {
  for (const auto& [name, value] : options.dims) {
    bool known = name == "*" || std::ranges::find(free, name) != free.end();
    for (const ValueInfo* input : true_inputs(model.graph)) {
      for (std::size_t i = 0; !known && input->dims && i < input->dims->size(); ++i) {
        known = is_free((*input->dims)[i]) && dim_name(*input, i) == name;
      }
    }
    if (!known) {
      bad_input("'{}' is free in no input; {}", name,
                free.empty() ? "no dimension is free"
                             : fmt::format("free are {}", fmt::join(free, ", ")));
    }
  }
}

}  // namespace

void require_bound(const ModelProto& model, const GraphOptions& options) {
  check_names(free_dims(model), model, options);
  std::vector<std::string> missing;
  for (const std::string& name : free_dims(model)) {
    if (!bound_dim(name, options).known()) {
      missing.push_back(name);
    }
  }
  if (!missing.empty()) {
    bad_input("free dimensions without a value: {}; give each one, as in {}, or all: --dim '*=1'",
              fmt::join(missing, ", "), options_text(fitting_dims(model, options, missing)));
  }
}

}  // namespace flopmeter::onnx
