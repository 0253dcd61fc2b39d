#include "models/architectures/family.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

std::array<std::span<const Family>, 2> all_families() {
  return {decoder_families(), encoder_families()};
}

const Family& find_family(std::string_view name, std::string_view Family::*key, bool gguf) {
  for (const std::span<const Family> families : all_families()) {
    const auto found = std::ranges::find(families, name, key);
    if (found != families.end() && !name.empty()) {
      return *found;
    }
  }
  bad_input("the architecture '{}' is not known: one of {}", name.substr(0, 100),
            known_families(gguf));
}

}  // namespace

std::string known_families(bool gguf) {
  std::vector<std::string_view> names;
  for (const std::span<const Family> families : all_families()) {
    for (const Family& family : families) {
      const std::string_view name = gguf ? family.gguf : family.huggingface;
      if (!name.empty()) {
        names.push_back(name);
      }
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

const Family& huggingface_family(std::string_view name) {
  return find_family(name, &Family::huggingface, false);
}

const Family& gguf_family(std::string_view name) { return find_family(name, &Family::gguf, true); }

}  // namespace flopmeter::models
