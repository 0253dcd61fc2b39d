#include "counters/executed/arithmetic/mnemonics.h"

namespace flopmeter::executed {

ZydisMnemonic find_mnemonic(std::string_view mnemonic) {
  // Zydis numbers them from 1 in alphabetical order. (clang 14 cannot compile std::views::iota.)
  int below = 0;
  int above = ZYDIS_MNEMONIC_MAX_VALUE + 1;
  while (above - below > 1) {
    const int middle = (below + above) / 2;
    const auto number = static_cast<ZydisMnemonic>(middle);
    const int order = mnemonic.compare(ZydisMnemonicGetString(number));
    if (order == 0) {
      return number;
    }
    (order > 0 ? below : above) = middle;
  }
  return ZYDIS_MNEMONIC_INVALID;
}

}  // namespace flopmeter::executed
