#include "counters/retired/flops.h"

#include <fmt/format.h>

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::retired {
namespace {

void add(const Reading& part, Value& total) {
  const Value& value = part.value;
  if (value.validity > total.validity) {
    total.validity = value.validity;
    total.reason = fmt::format("{}: {}", value.name, value.reason);
  }
  total.running = std::min(total.running, value.running);
  total.count =
      checked_add(total.count, checked_multiply(part.planned.event.operations, value.count));
}

/// The sum over the events of one device. Where they all give one reason, it needs no name.
Value sum(const Readings& parts, std::string_view device, const std::string& name) {
  Value total{.name = name, .reason = {}};
  for (const Reading& part : parts) {
    if (part.planned.device == device) {
      add(part, total);
    }
  }
  const std::string& first = parts.front().value.reason;
  if (std::ranges::all_of(parts, [&](const Reading& r) { return r.value.reason == first; })) {
    total.reason = first;
  }
  return total.validity == Validity::unavailable ? unavailable(name, total.reason) : total;
}

Readings select(const Readings& readings, std::string_view type) {
  Readings selected;
  std::ranges::copy_if(readings, std::back_inserter(selected), [type](const Reading& reading) {
    const Event& event = reading.planned.event;
    return event.operations != 0 && (type.empty() || event.type == type);
  });
  return selected;
}

}  // namespace

Value flops(const Readings& readings, std::string_view type) {
  const std::string name = type.empty() ? "flops" : fmt::format("flops_{}", type);
  const Readings parts = select(readings, type);
  if (parts.empty()) {
    return unavailable(name, "no event of this CPU counts them apart");
  }
  Value best = sum(parts, parts.front().planned.device, name);
  for (const Reading& part : parts) {
    if (Value other = sum(parts, part.planned.device, name); other.validity < best.validity) {
      best = std::move(other);
    }
  }
  return best;
}

}  // namespace flopmeter::retired
