// Programs that do not work with a library preloaded, or translated, by what they need or hold.
#pragma once

#include <string_view>

namespace flopmeter::executed {

struct UncountableProgram {
  std::string_view library;  // the beginning of the name of one that the program itself needs
  std::string_view reason;
  bool whole = false;  // all of the name
};

// That of GNU is libc.so.6.
inline constexpr std::string_view other_c_library =
    "it is linked with musl, and what counts needs the GNU C library; link it with that";

inline constexpr UncountableProgram uncountable_programs[] = {
    {"libasan.so",
     "it is built with AddressSanitizer, whose library must be the first one that is loaded; build "
     "it without -fsanitize=address"},
    {"libclang_rt.asan",
     "it is built with AddressSanitizer, whose library must be the first one that is loaded; build "
     "it without -shared-libasan"},
    {"libjli.so",
     "it starts a Java virtual machine, which looks at the addresses at which signals meet its "
     "code, and rewrites code while it runs"},
    {"libc.musl", other_c_library},
    {"libc.so", other_c_library, true},
};

/// Programs that were written to a file from memory when they had run for a while: what is zero at
/// first in others is in the file.
struct UncountableImage {
  std::string_view text;  // in their read-only data
  std::string_view reason;
};

inline constexpr UncountableImage uncountable_images[] = {
    {"GCL_UNRANDOMIZE",
     "it is an image of GNU Common Lisp, which holds addresses of the C library as it lies when "
     "nothing is preloaded (other libraries disturb it, too); use one of another Lisp"},
};

/// nullptr: nothing is known against an image with this read-only data.
constexpr const UncountableImage* find_uncountable_image(std::string_view data) {
  for (const UncountableImage& image : uncountable_images)
    if (data.find(image.text) != std::string_view::npos) return &image;
  return nullptr;
}

/// nullptr: nothing is known against a program that needs this library.
constexpr const UncountableProgram* find_uncountable(std::string_view library) {
  for (const UncountableProgram& program : uncountable_programs)
    if (program.whole ? library == program.library : library.starts_with(program.library))
      return &program;
  return nullptr;
}

}  // namespace flopmeter::executed
