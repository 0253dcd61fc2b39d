#include "kernels/benchdnn/line.h"

#include <cctype>
#include <sstream>

#include "kernels/names.h"

namespace flopmeter::benchdnn {
namespace {

Problem problem_of(const Translation& made, const std::string& label) {
  const AnyLayer& layer = find_layer(made.layer);
  return {&layer, layer.parse(made.shape), label};
}

void add_remark(Wanted& wanted, const std::string& remark) {
  wanted.remark += (wanted.remark.empty() ? "" : "; ") + remark;
}

/// A driver's shape may end in a name without quotes: n and what follows, or nothing.
NamedDescriptor without_name(const NamedDescriptor& named) {
  const std::string& text = named.descriptor;
  std::size_t end = text.find('n');
  while (end != std::string::npos && end > 0 &&
         std::isdigit(static_cast<unsigned char>(text[end - 1])) == 0 && text[end - 1] != '_') {
    end = text.find('n', end + 1);
  }
  if (!named.name.empty() || end == std::string::npos || end == 0) {
    return named;
  }
  return {text.substr(0, text.find_last_not_of('_', end - 1) + 1), text.substr(end + 1)};
}

Wanted by_driver(const Driver& driver, std::string_view layer, const Options& options,
                 const NamedDescriptor& given) {
  const NamedDescriptor named = without_name(given);
  const Translation made = driver.translate({options, layer, named.descriptor});
  return {problem_of(made, named.name), options.passes(), options.dtypes(), made.remark};
}

Wanted by_notation(const AnyLayer& layer, const Options& options, const NamedDescriptor& named) {
  return {
      {&layer, layer.parse(named.descriptor), named.name}, options.passes(), options.dtypes(), ""};
}

/// A shape of dimensions, which is no notation of ours but matmul's, where the driver writes such, or
/// one with a width of states.
bool looks_like_benchdnn(const AnyLayer& layer, const Driver& driver, std::string_view shape) {
  const bool dimensions = !shape.empty() &&
                          std::isdigit(static_cast<unsigned char>(shape.front())) != 0 &&
                          std::isdigit(static_cast<unsigned char>(driver.example.front())) != 0;
  return (dimensions && layer.name != "matmul") || shape.find("sic") != std::string_view::npos;
}

/// The layer's own notation and benchdnn's, where there are options its own first; what is neither
/// is refused as the one that it looks like.
Wanted by_layer(const AnyLayer& layer, const Options& options, const NamedDescriptor& named) {
  const Driver* driver = driver_of(layer.name);
  const auto try_driver = [&] {
    // A name that is both (rnn, softmax) leaves it to the options which layer it is.
    return by_driver(*driver, layer.name == driver->name ? "" : layer.name, options, named);
  };
  try {
    return driver != nullptr && !options.empty() ? try_driver()
                                                 : by_notation(layer, options, named);
  } catch (const BadInput& error) {
    try {
      return driver == nullptr || !options.empty() ? by_notation(layer, options, named)
                                                   : try_driver();
    } catch (const BadInput& other) {
      const bool second = driver != nullptr &&
                          options.empty() == looks_like_benchdnn(layer, *driver, named.descriptor);
      throw BadInput(with_example(layer, second ? other.what() : error.what()));
    }
  }
}

}  // namespace

Subject find_subject(std::string_view name) {
  if (const AnyLayer* layer = layer_called(name)) {
    return {layer, driver_of(layer->name)};
  }
  if (const Driver* driver = find_driver(name)) {
    return {nullptr, driver};
  }
  unknown_layer(name);
}

namespace {

Wanted read_variant(const Subject& subject, const Options& options, const NamedDescriptor& named) {
  Wanted wanted = subject.layer != nullptr ? by_layer(*subject.layer, options, named)
                                           : by_driver(*subject.driver, "", options, named);
  if (!options.first("attr-post-ops").empty()) {
    add_remark(wanted, "what is fused behind it (--attr-post-ops) is not counted");
  }
  return wanted;
}

/// Two variants that are the same problem are one, of the passes of both.
void merge(Wanted&& wanted, std::vector<Wanted>& all) {
  const auto same = std::ranges::find_if(all, [&](const Wanted& one) {
    return one.problem.layer == wanted.problem.layer &&
           one.problem.values == wanted.problem.values && one.remark == wanted.remark;
  });
  if (same == all.end()) {
    all.push_back(std::move(wanted));
    return;
  }
  for (const Pass pass : wanted.passes) {
    if (std::ranges::find(same->passes, pass) == same->passes.end()) {
      same->passes.push_back(pass);
    }
  }
}

}  // namespace

Read read_shape(const Subject& subject, const Options& options, std::string_view shape) {
  const std::vector<std::string_view> none;
  const auto& varied = subject.driver != nullptr ? subject.driver->varied : none;
  Read read;
  for (const Options& variant : options.variants(varied)) {
    try {
      merge(read_variant(subject, variant, split_name(shape)), read.wanted);
    } catch (const std::exception& error) {
      const std::string chosen = variant.chosen(options, varied);
      const std::string reason =
          chosen.empty() ? error.what() : fmt::format("with {}: {}", chosen, error.what());
      if (std::ranges::find(read.refused, reason) == read.refused.end()) {
        read.refused.push_back(reason);
      }
    }
  }
  return read;
}

Wanted read_line(const Subject& subject, std::string_view line) {
  Options options;
  Subject of = subject;
  std::istringstream words{std::string(line)};
  std::string shape;
  for (std::string word; words >> word;) {
    if (!word.starts_with("--")) {
      if (!shape.empty()) {
        bad_input("'{}' and '{}' are two shapes: write one, without spaces between its keys", shape,
                  word);
      }
      shape = word;
    } else if (const Driver* driver = find_driver(word)) {
      of = driver == subject.driver ? subject : Subject{nullptr, driver};
    } else if (options.take(word) == Taken::unknown) {
      bad_input("'{}': '{}' is no option of benchdnn", line, word);
    }
  }
  if (shape.empty()) {
    bad_input("'{}': a shape is missing behind the options", line);
  }
  const std::vector<std::string_view> none;
  const auto variants = options.variants(of.driver != nullptr ? of.driver->varied : none);
  Wanted wanted = read_variant(of, variants.front(), split_name(shape));
  if (variants.size() > 1) {
    add_remark(wanted, fmt::format("the first of {} problems that the options list; a file of "
                                   "them (--batch) has all",
                                   variants.size()));
  }
  return wanted;
}

}  // namespace flopmeter::benchdnn
