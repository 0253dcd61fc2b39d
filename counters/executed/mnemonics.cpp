#include "counters/executed/mnemonics.h"

#include <algorithm>
#include <ranges>

namespace flopmeter::executed {

ZydisMnemonic find_mnemonic(std::string_view mnemonic) {
  const auto number = [](int i) { return static_cast<ZydisMnemonic>(i); };
  const auto text = [](ZydisMnemonic i) { return std::string_view(ZydisMnemonicGetString(i)); };
  // Zydis numbers them in alphabetical order.
  const auto all =
      std::views::iota(1, ZYDIS_MNEMONIC_MAX_VALUE + 1) | std::views::transform(number);
  const auto found = std::ranges::lower_bound(all, mnemonic, {}, text);
  return found != all.end() && text(*found) == mnemonic ? *found : ZYDIS_MNEMONIC_INVALID;
}

}  // namespace flopmeter::executed
