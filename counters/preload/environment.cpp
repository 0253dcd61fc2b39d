#include "counters/preload/environment.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace flopmeter::executed {
namespace {

// Its place in the list; nullptr: it is not there.
char** find(char** environment, const char* name_and_equals) {
  const std::size_t length = std::strlen(name_and_equals);
  for (char** entry = environment; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, name_and_equals, length) == 0) return entry;
  return nullptr;
}

void remove(char** entry) {
  for (; *entry != nullptr; ++entry) entry[0] = entry[1];
}

// What follows name= of the first variable.
const char* value_of(char** environment, const char* name_and_equals) {
  char** const entry = find(environment, name_and_equals);
  return entry == nullptr ? "" : *entry + std::strlen(name_and_equals);
}

std::size_t size_of(char** environment) {
  std::size_t size = 0;
  while (environment[size] != nullptr) ++size;
  return size;
}

// The option stands at the end, behind what was there before.
void remove_sanitizer_option(char** environment) {
  char** const entry = find(environment, sanitizer_variable);
  if (entry == nullptr) return;
  char* const value = *entry + std::strlen(sanitizer_variable);
  if (std::strcmp(value, sanitizer_option) == 0) return remove(entry);
  const std::size_t length = std::strlen(value);
  const std::size_t added = 1 + std::strlen(sanitizer_option);
  if (length < added) return;
  char* const end = value + length - added;
  if (*end == ':' && std::strcmp(end + 1, sanitizer_option) == 0) *end = 0;
}

// In the place of the old one, or behind all others. An environment is a list of char*, which no
// one writes through.
void set(char** list, const char* name_and_equals, const char* text) {
  char** entry = find(list, name_and_equals);
  if (entry == nullptr) entry = list + size_of(list);
  *entry = const_cast<char*>(text);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

}  // namespace

void remove_counter(char** environment) {
  if (char** const record = find(environment, record_variable)) remove(record);
  remove_sanitizer_option(environment);
  char** const preload = find(environment, preload_variable);
  if (preload == nullptr) return;
  char* const first = *preload + std::strlen(preload_variable);
  const char* const others = std::strchr(first, ':');
  if (others == nullptr) return remove(preload);
  std::memmove(first, others + 1, std::strlen(others));
}

void Inheritance::load(char** environment) {
  if (char** const record = find(environment, record_variable))
    std::snprintf(record_, sizeof record_, "%s", *record);
  const char* const libraries = value_of(environment, preload_variable);
  const auto length = static_cast<int>(std::strcspn(libraries, ":"));
  std::snprintf(library_, sizeof library_, "%.*s", length, libraries);
}

const char* Inheritance::space() const {
  if (record_[0] == 0) return "";
  return record_ + std::strlen(record_variable) + (by_children() ? 1 : 0);
}

bool Inheritance::by_children() const {
  return record_[std::strlen(record_variable)] == children_prefix;
}

// Or another counter is. Who sets LD_PRELOAD anew takes the library out of it alone.
bool Inheritance::is_in(char** environment) const {
  char** const record = find(environment, record_variable);
  if (record == nullptr) return false;
  const char* const libraries = value_of(environment, preload_variable);
  const std::size_t length = std::strlen(library_);
  return std::strcmp(*record, record_) != 0 || std::strncmp(libraries, library_, length) == 0;
}

void Environment::free() {
  if (pages != nullptr) munmap(pages, bytes);
  pages = nullptr;
}

char** Inheritance::put_into(char** environment, Environment& room) const {
  char* none[] = {nullptr};
  char** const given = environment == nullptr ? none : environment;
  if (record_[0] == 0 || is_in(given)) return environment;
  const char* const others = value_of(given, preload_variable);
  const std::size_t size = size_of(given);
  const std::size_t list_bytes = (size + 4) * sizeof(char*);
  const std::size_t text_bytes = std::strlen(others) + longest + 16;
  const char* const options = value_of(given, sanitizer_variable);
  const std::size_t options_bytes = std::strlen(options) + 64;
  const std::size_t bytes = list_bytes + text_bytes + options_bytes;
  void* const pages =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return environment;
  room.pages = pages;
  room.bytes = bytes;
  auto** const list = static_cast<char**>(pages);
  auto* const text = static_cast<char*>(pages) + list_bytes;
  std::snprintf(text, text_bytes, "%s%s%s%s", preload_variable, library_, *others == 0 ? "" : ":",
                others);
  std::memcpy(list, given, size * sizeof(char*));
  set(list, preload_variable, text);
  set(list, record_variable, record_);
  std::snprintf(text + text_bytes, options_bytes, "%s%s%s%s", sanitizer_variable, options,
                find(given, sanitizer_variable) == nullptr ? "" : ":", sanitizer_option);
  set(list, sanitizer_variable, text + text_bytes);
  return list;
}

}  // namespace flopmeter::executed
