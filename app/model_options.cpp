#include "app/model_options.h"

#include <charconv>

#include "app/given_inputs.h"
#include "app/number_option.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr std::size_t most_combinations = 1000;

std::int64_t dim_number(std::string_view part, const std::string& text) {
  std::int64_t value = 0;
  const char* const end = part.data() + part.size();
  const auto [stop, error] = std::from_chars(part.data(), end, value);
  if (error != std::errc() || stop != end || value < 0 || part.empty()) {
    bad_input(
        "--dim '{}': write name=size, as in batch=1, batch=1,4,16 or batch=1:8; '*=1' for all",
        text);
  }
  return value;
}

/// "4", or "1:8" and "1:8:2", both ends included.
void append_values(std::string_view part, const std::string& text,
                   std::vector<std::int64_t>& values) {
  const std::size_t colon = part.find(':');
  if (colon == std::string_view::npos) {
    values.push_back(dim_number(part, text));
    return;
  }
  const std::string_view rest = part.substr(colon + 1);
  const std::size_t second = rest.find(':');
  const std::int64_t first = dim_number(part.substr(0, colon), text);
  const std::int64_t last = dim_number(rest.substr(0, second), text);
  const std::int64_t step =
      second == std::string_view::npos ? 1 : dim_number(rest.substr(second + 1), text);
  if (step < 1 || last < first ||
      static_cast<std::size_t>((last - first) / step) >= most_combinations) {
    bad_input("--dim '{}': a range counts up, to {} values at the most", text, most_combinations);
  }
  for (std::int64_t value = first; value <= last; value += step) {
    values.push_back(value);
  }
}

}  // namespace

std::pair<std::string, std::vector<std::int64_t>> parse_dim_option(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    dim_number("", text);
  }
  std::vector<std::int64_t> values;
  const std::string_view list = std::string_view(text).substr(equals + 1);
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    append_values(list.substr(at, end - at), text, values);
    at = end + 1;
  }
  return {text.substr(0, equals), std::move(values)};
}

std::vector<models::ModelOptions> combinations(const ModelArguments& arguments) {
  std::vector<models::ModelOptions> all{arguments.options};
  all.front().inputs = parse_given_inputs(arguments.inputs);
  for (const std::string& text : arguments.dims) {
    const auto [name, values] = parse_dim_option(text);
    std::vector<models::ModelOptions> next;
    for (const models::ModelOptions& known : all) {
      for (const std::int64_t value : values) {
        next.push_back(known);
        next.back().dims[name] = value;
      }
    }
    if (next.size() > most_combinations) {
      bad_input("--dim makes {} combinations: at most {}", next.size(), most_combinations);
    }
    all = std::move(next);
  }
  const auto each_of = [&](const std::vector<int>& values, std::int64_t models::ModelOptions::*of) {
    std::vector<models::ModelOptions> next;
    for (const models::ModelOptions& known : all) {
      for (const int value : values) {
        next.push_back(known);
        next.back().*of = value;
      }
    }
    if (!values.empty()) {
      all = std::move(next);
    }
  };
  each_of(arguments.batches, &models::ModelOptions::batch);
  each_of(arguments.pasts, &models::ModelOptions::past);
  return all;
}

models::ModelOptions single(const ModelArguments& arguments) {
  const auto all = combinations(arguments);
  if (all.size() != 1) {
    bad_input("--dim, --batch and --past make {} combinations: one is needed here", all.size());
  }
  return all.front();
}

void add_input_option(CLI::App& command, ModelArguments& arguments) {
  command
      .add_option(
          "--input", arguments.inputs,
          "an input's numbers in an ONNX file, sr=16000, lengths=3,5 or ids=ids.npy (NumPy's "
          "format): a setting decides which branches run; others are for runs, and drawn "
          "where not given")
      ->allow_extra_args(false);
}

void add_model_options(CLI::App& command, ModelArguments& arguments) {
  command
      .add_option("--dim", arguments.dims,
                  "a free dimension of an ONNX file: batch=1; a list batch=1,4 or a range 1:8; "
                  "'*=1' for all")
      ->allow_extra_args(false);
  add_input_option(command, arguments);
  command.add_flag("--as-is", arguments.options.as_is,
                   "keep primitives: recognise no attention, norms or activations");
  command.add_option("--phase", arguments.options.phase,
                     "of language models: prefill (default) or decode");
  constexpr int most = 1'000'000'000;
  add_number<std::int64_t>(command, "--tokens", arguments.options.tokens, {0, most},
                           "tokens of the prompt, 0 for 512");
  add_numbers(command, "--past", arguments.pasts, {0, most}, "tokens before, 128,1024,4096");
  add_numbers(command, "--batch", arguments.batches, {1, 1'000'000},
              "sequences at once, 1,4,16; of ONNX files with --time: times the first dimension of "
              "every input");
}

}  // namespace flopmeter
