#include "app/given_inputs.h"

#include <fmt/format.h>

#include <charconv>

#include "app/read_file.h"
#include "kernels/bad_input.h"
#include "models/npy.h"

namespace flopmeter {
namespace {

double number_of(std::string_view part, const std::string& text) {
  if (part == "true" || part == "false") {
    return part == "true" ? 1 : 0;
  }
  double value = 0;
  const char* const end = part.data() + part.size();
  const auto [stop, error] = std::from_chars(part.data(), end, value);
  if (error != std::errc() || stop != end || part.empty()) {
    bad_input("--input '{}': write NAME=16000, NAME=1,2,3 (row by row), NAME=true or NAME=file.npy",
              text);
  }
  return value;
}

models::GivenInput read_array(const std::string& path, const std::string& text) {
  const auto bytes = read_file(path);
  if (!bytes) {
    bad_input("--input '{}': '{}' cannot be read", text, path);
  }
  try {
    models::NpyArray array = models::parse_npy(*bytes);
    return {path, std::move(array.dims), std::move(array.numbers)};
  } catch (const std::exception& error) {
    bad_input("--input '{}': {}", text, error.what());
  }
}

models::GivenInput given_of(const std::string& value, const std::string& text) {
  if (value.ends_with(".npy")) {
    return read_array(value, text);
  }
  models::GivenInput given{.text = value};
  const std::string_view list = value;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    given.numbers.push_back(number_of(list.substr(at, end - at), text));
    at = end + 1;
  }
  return given;
}

}  // namespace

std::map<std::string, models::GivenInput, std::less<>> parse_given_inputs(
    const std::vector<std::string>& texts) {
  std::map<std::string, models::GivenInput, std::less<>> all;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      number_of("", text);
    }
    const std::string name = text.substr(0, equals);
    if (!all.try_emplace(name, given_of(text.substr(equals + 1), text)).second) {
      bad_input("--input '{}': '{}' is given twice", text, name);
    }
  }
  return all;
}

}  // namespace flopmeter
