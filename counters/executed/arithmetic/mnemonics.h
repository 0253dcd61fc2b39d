// Lists of mnemonics as text, and Zydis' numbers for them.
#pragma once

#include <Zydis/Zydis.h>

#include <string_view>

namespace flopmeter::executed {

/// f(std::string_view) of each word of a list separated by single spaces.
template <class F>
void for_each_mnemonic(std::string_view list, F&& f) {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(' '));
    f(word);
    list.remove_prefix(word.size() == list.size() ? word.size() : word.size() + 1);
  }
}

/// ZYDIS_MNEMONIC_INVALID where this Zydis does not know the mnemonic. Does not allocate.
ZydisMnemonic find_mnemonic(std::string_view mnemonic);

}  // namespace flopmeter::executed
