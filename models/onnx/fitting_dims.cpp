#include "models/onnx/fitting_dims.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>
#include <set>

#include "models/onnx/builder.h"
#include "models/onnx/free_dims.h"

namespace flopmeter::onnx {
namespace {

/// Tried only on graphs that take a few milliseconds each.
constexpr std::size_t most_nodes = 5000;

/// Of sequences, and of images, which grow in two dimensions.
constexpr std::array<std::int64_t, 6> longer{32, 128, 512, 2048, 8192, 32768};
constexpr std::int64_t largest_image = 512;

/// What such a dimension is in networks that people have; most can be 1.
std::int64_t usual_size(std::string_view name) {
  static const std::vector<std::pair<std::string_view, std::int64_t>> sizes{
      {"height", 224}, {"width", 224}, {"seq", 128}, {"token", 128}, {"length", 128}};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto found = std::ranges::find_if(
      sizes, [&](const auto& row) { return lower.find(row.first) != std::string::npos; });
  return found == sizes.end() ? 1 : found->second;
}

std::vector<NamedSize> usual_sizes(const std::vector<std::string>& names) {
  std::vector<NamedSize> sizes;
  for (const std::string& name : names) {
    sizes.push_back({name, usual_size(name)});
  }
  return sizes;
}

/// Of one input, without the batch: names that may be the length of something.
struct Lengths {
  std::set<std::string> names;
  bool image = false;
};

std::vector<Lengths> lengths_of(const ModelProto& model) {
  std::vector<Lengths> all;
  for (const ValueInfo* input : true_inputs(model.graph)) {
    const std::size_t rank = input->dims ? input->dims->size() : 0;
    Lengths lengths{{}, rank > 3};
    for (std::size_t i = rank > 1 ? 1 : 0; i < rank; ++i) {
      if (is_free((*input->dims)[i])) {
        for (const std::string& name : atoms_of(dim_name(*input, i))) {
          lengths.names.insert(name);
        }
      }
    }
    if (!lengths.names.empty()) {
      all.push_back(std::move(lengths));
    }
  }
  return all;
}

/// How the graph does not fit is told by the refusal that asks for this.
bool can_be_made(const ModelProto& model, GraphOptions options,
                 const std::vector<NamedSize>& sizes) {
  for (const NamedSize& one : sizes) {
    options.dims[one.name] = one.size;
  }
  try {
    GraphBuilder(model, options).build();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<NamedSize> with(std::vector<NamedSize> sizes, const std::set<std::string>& names,
                            std::int64_t size) {
  for (NamedSize& one : sizes) {
    if (one.size < size && names.contains(one.name)) {
      one.size = size;
    }
  }
  return sizes;
}

}  // namespace

std::vector<NamedSize> fitting_dims(const ModelProto& model, const GraphOptions& options,
                                    const std::vector<std::string>& names) {
  std::vector<NamedSize> usual = usual_sizes(names);
  if (model.graph.nodes.size() > most_nodes || can_be_made(model, options, usual)) {
    return usual;
  }
  std::vector<Lengths> all = lengths_of(model);
  Lengths every;
  for (const Lengths& one : all) {
    every.names.insert(one.names.begin(), one.names.end());
    every.image = every.image || one.image;
  }
  // States lie behind what they are of: that alone first, then all together.
  all.resize(std::min<std::size_t>(all.size(), 1));
  all.push_back(every);
  every.names = {names.begin(), names.end()};
  all.push_back(std::move(every));
  for (const Lengths& lengths : all) {
    for (const std::int64_t size : longer) {
      std::vector<NamedSize> sizes = with(usual, lengths.names, size);
      if ((size <= largest_image || !lengths.image) && can_be_made(model, options, sizes)) {
        return sizes;
      }
    }
  }
  return usual;
}

std::string options_text(const std::vector<NamedSize>& sizes) {
  std::vector<std::string> line;
  for (const auto& [name, size] : sizes) {
    const bool plain = name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_.") == std::string::npos;
    const std::string value = fmt::format("{}={}", name, size);
    line.push_back(plain ? "--dim " + value : fmt::format("--dim '{}'", value));
  }
  return fmt::format("{}", fmt::join(line, " "));
}

std::string larger_dims(const ModelProto& model, const GraphOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : free_dims(model)) {
    const Dim given = bound_dim(name, options);
    if (given.is(1) || (given.known() && given.value() < usual_size(name))) {
      names.push_back(name);
    }
  }
  if (names.empty()) {
    return "";
  }
  std::vector<NamedSize> sizes = fitting_dims(model, options, names);
  std::erase_if(sizes, [](const NamedSize& one) { return one.size == 1; });
  return sizes.empty()
             ? ""
             : fmt::format("; free dimensions may have to be larger than was given, as in {}",
                           options_text(sizes));
}

}  // namespace flopmeter::onnx
