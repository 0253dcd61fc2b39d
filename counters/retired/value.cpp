#include "counters/retired/value.h"

#include <fmt/format.h>

#include <algorithm>

namespace flopmeter::retired {

std::string_view to_string(Validity validity) {
  switch (validity) {
    case Validity::exact:
      return "exact";
    case Validity::scaled:
      return "scaled";
    case Validity::unavailable:
      break;
  }
  return "unavailable";
}

Value unavailable(std::string name, std::string reason) {
  return {.name = std::move(name),
          .count = 0,
          .validity = Validity::unavailable,
          .running = 0,
          .reason = std::move(reason)};
}

Value find(const Readings& readings, std::string_view name) {
  const auto found = std::ranges::find(
      readings, name, [](const Reading& r) -> std::string_view { return r.value.name; });
  return found != readings.end()
             ? found->value
             : unavailable(std::string(name), fmt::format("no event is called {}", name));
}

}  // namespace flopmeter::retired
