#include "results/inference_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace flopmeter {

std::string inference_text(const Sizes& sizes) {
  if (std::ranges::all_of(sizes, [](const auto& one) { return one.second == 1; })) {
    return "";
  }
  std::string text;
  for (const auto& [name, size] : sizes) {
    text += fmt::format("{}{}={}", text.empty() ? " of --dim " : ", ", name, size);
  }
  return text;
}

}  // namespace flopmeter
