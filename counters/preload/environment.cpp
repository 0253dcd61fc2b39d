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

}  // namespace

void remove_counter(char** environment) {
  if (char** const record = find(environment, record_variable)) remove(record);
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

char** Inheritance::put_into(char** environment) const {
  char* none[] = {nullptr};
  char** const given = environment == nullptr ? none : environment;
  if (record_[0] == 0 || find(given, record_variable) != nullptr) return environment;
  const char* const others = value_of(given, preload_variable);
  const std::size_t size = size_of(given);
  const std::size_t list_bytes = (size + 3) * sizeof(char*);
  const std::size_t text_bytes = std::strlen(others) + longest + 16;
  void* const pages = mmap(nullptr, list_bytes + text_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return environment;
  auto** const list = static_cast<char**>(pages);
  auto* const text = static_cast<char*>(pages) + list_bytes;
  std::snprintf(text, text_bytes, "%s%s%s%s", preload_variable, library_, *others == 0 ? "" : ":",
                others);
  std::memcpy(list, given, size * sizeof(char*));
  if (char** const old = find(list, preload_variable))
    *old = text;
  else
    list[size] = text;
  // An environment is a list of char*, which no one writes through.
  list[size_of(list)] =
      const_cast<char*>(record_);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return list;
}

}  // namespace flopmeter::executed
