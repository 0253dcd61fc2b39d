#include "counters/executed/translator/registry.h"

#include "counters/executed/translator/lock.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {
namespace {

constinit Mutex list_mutex;
constinit Translation* first = nullptr;

}  // namespace

void enlist(Translation& translation) {
  const Locked lock(list_mutex);
  translation.enlisted_next = first;
  first = &translation;
}

void withdraw(Translation& translation) {
  const Locked lock(list_mutex);
  Translation** link = &first;
  while (*link != &translation) link = &(*link)->enlisted_next;
  *link = translation.enlisted_next;
}

void tell_all_of_change(std::uint64_t begin, std::uint64_t end) {
  const Locked lock(list_mutex);
  for (Translation* each = first; each != nullptr; each = each->enlisted_next)
    each->invalidate(begin, end);
}

}  // namespace flopmeter::executed
