// The environment variables by which the counter comes into a process.
#pragma once

#include <cstddef>

namespace flopmeter::executed {

/// Holds the path of the file in memory (shared_process.h); behind children_prefix: those of children, too.
inline constexpr char record_variable[] = "FLOPMETER_EXEC=";
inline constexpr char children_prefix = '+';
/// Of the dynamic linker: the counter first, then what was there before.
inline constexpr char preload_variable[] = "LD_PRELOAD=";
/// AddressSanitizer ends programs where its library is not the first, before the counter can see
/// that it must leave them alone: the option lets them begin.
inline constexpr char sanitizer_variable[] = "ASAN_OPTIONS=";
inline constexpr char sanitizer_option[] = "verify_asan_link_order=0";

/// Takes the counter out of a list that ends with nullptr, in place.
void remove_counter(char** environment);

/// Pages that hold an environment.
struct Environment {
  void* pages = nullptr;
  std::size_t bytes = 0;

  void free();
};

/// What this process was given, to be handed on.
class Inheritance {
 public:
  void load(char** environment);

  /// Empty: the counter was not asked for.
  const char* space() const;
  bool by_children() const;

  /// The same environment with the counter in it, for a program that takes the place of this one:
  /// taskset, env and shells do so. In new pages, which are `room`; the list itself if there are
  /// none, or if it is there already. `environment` may be nullptr.
  char** put_into(char** environment, Environment& room) const;

 private:
  bool is_in(char** environment) const;

  static constexpr int longest = 8192;
  char record_[longest] = {};   // name=value
  char library_[longest] = {};  // the path alone
};

}  // namespace flopmeter::executed
