// Programs that do not work with a library preloaded, or translated, by what they need.
#pragma once

#include <string_view>

namespace flopmeter::executed {

struct Uncountable {
  std::string_view library;  // the beginning of the name of one that the program itself needs
  std::string_view reason;
};

inline constexpr Uncountable uncountable_programs[] = {
    {"libasan.so",
     "it is built with AddressSanitizer, whose library must be the first one that is loaded; build "
     "it without -fsanitize=address"},
    {"libclang_rt.asan",
     "it is built with AddressSanitizer, whose library must be the first one that is loaded; build "
     "it without -shared-libasan"},
    {"libjli.so",
     "it starts a Java virtual machine, which looks at the addresses at which signals meet its "
     "code, and rewrites code while it runs"},
};

/// nullptr: nothing is known against a program that needs this library.
constexpr const Uncountable* find_uncountable(std::string_view library) {
  for (const Uncountable& program : uncountable_programs)
    if (library.starts_with(program.library)) return &program;
  return nullptr;
}

}  // namespace flopmeter::executed
