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

Wanted by_driver(const Driver& driver, std::string_view layer, const Options& options,
                 const NamedDescriptor& named) {
  const Translation made = driver.translate({options, layer, named.descriptor});
  return {problem_of(made, named.name), options.passes(), options.dtypes(), made.remark};
}

Wanted by_notation(const AnyLayer& layer, const Options& options, const NamedDescriptor& named) {
  return {
      {&layer, layer.parse(named.descriptor), named.name}, options.passes(), options.dtypes(), ""};
}

/// A shape of dimensions, which is no notation of ours but matmul's, or one with a width of states.
bool looks_like_benchdnn(const AnyLayer& layer, std::string_view shape) {
  const bool dimensions =
      !shape.empty() && std::isdigit(static_cast<unsigned char>(shape.front())) != 0;
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
      const bool second =
          driver != nullptr && options.empty() == looks_like_benchdnn(layer, named.descriptor);
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

Wanted read_shape(const Subject& subject, const Options& options, std::string_view shape) {
  const NamedDescriptor named = split_name(shape);
  Wanted wanted = subject.layer != nullptr ? by_layer(*subject.layer, options, named)
                                           : by_driver(*subject.driver, "", options, named);
  if (!options.first("attr-post-ops").empty()) {
    wanted.remark += fmt::format("{}what is fused behind it (--attr-post-ops) is not counted",
                                 wanted.remark.empty() ? "" : "; ");
  }
  return wanted;
}

Wanted read_line(const Subject& subject, std::string_view line) {
  Options options;
  Subject of = subject;
  std::istringstream words{std::string(line)};
  std::string shape;
  for (std::string word; words >> word;) {
    if (!word.starts_with("--")) {
      if (!shape.empty()) {
        bad_input("'{}': one shape, with options before it; '{}' is a second one", line, word);
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
  return read_shape(of, options, shape);
}

}  // namespace flopmeter::benchdnn
