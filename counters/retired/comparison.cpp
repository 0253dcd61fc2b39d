#include "counters/retired/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "counters/executed/arithmetic/fp_arith.h"
#include "counters/retired/flops.h"

namespace flopmeter::retired {
namespace {

using executed::Element;
using executed::Totals;

Totals only(const Totals& totals, Element element) {
  Totals selected;
  totals.for_each([&](const executed::Arithmetic& what, const executed::Cell& cell) {
    if (what.element == element) {
      selected.add(what, cell.instructions, cell.active, cell.full);
    }
  });
  return selected;
}

/// Zen 1 tells f32, by the low four bits of the unit mask, from f64, by the high four in the same
/// order. Later cores do not, and have bfloat16 in the fifth.
std::int64_t amd_count(std::string_view type, std::uint8_t umask, const Totals& totals) {
  if (type == "f32") {
    return amd_flops(only(totals, Element::f32), umask);
  }
  return type == "f64" ? amd_flops(only(totals, Element::f64), umask >> 4)
                       : amd_flops(totals, umask);
}

/// The sum over events; nothing where one of them is not known.
std::optional<std::int64_t> expected_flops(const Readings& counted, const Totals& totals) {
  std::int64_t sum = 0;
  for (const Reading& reading : counted) {
    const auto count = expected_count(reading.planned, totals);
    if (!count) {
      return std::nullopt;
    }
    sum = checked_add(sum, checked_multiply(reading.planned.event.operations, *count));
  }
  return sum;
}

std::string deviation(const CaseComparison& comparison) {
  const std::int64_t more = comparison.flops.count - *comparison.expected;
  std::string text = fmt::format(" by {:+}", more);
  if (*comparison.expected != 0) {
    text += fmt::format(" ({:+.3g} %)", 100. * static_cast<double>(more) /
                                            static_cast<double>(*comparison.expected));
  }
  const char* before = ": ";
  for (const EventComparison& event : comparison.events) {
    if (event.deviates()) {
      text += fmt::format("{}{} counted {} for {}", before, event.counted.name, event.counted.count,
                          *event.expected);
      before = ", ";
    }
  }
  return text;
}

}  // namespace

std::optional<std::int64_t> expected_count(const PlannedEvent& event, const Totals& totals) {
  constexpr std::uint8_t amd_flops_code = 0x03;
  const auto code = static_cast<std::uint8_t>(event.encoding.config);
  const auto umask = static_cast<std::uint8_t>(event.encoding.config >> 8);
  for (const executed::FpArithEvent& intel : executed::fp_arith_events()) {
    if (intel.code == code && intel.umask == umask) {
      return fp_arith_count(totals, intel);
    }
  }
  return code == amd_flops_code ? std::optional(amd_count(event.event.type, umask, totals))
                                : std::nullopt;
}

std::string_view to_string(CaseVerdict verdict) {
  switch (verdict) {
    case CaseVerdict::agrees:
      return "agrees";
    case CaseVerdict::deviates:
      return "deviates";
    case CaseVerdict::not_compared:
      return "not compared";
    case CaseVerdict::unavailable:
      break;
  }
  return "unavailable";
}

CaseVerdict CaseComparison::verdict() const {
  if (flops.validity == Validity::unavailable) {
    return CaseVerdict::unavailable;
  }
  if (!expected || flops.validity != Validity::exact) {
    return CaseVerdict::not_compared;
  }
  return flops.count == *expected && std::ranges::none_of(events, &EventComparison::deviates)
             ? CaseVerdict::agrees
             : CaseVerdict::deviates;
}

CaseComparison compare(const Readings& readings, const Totals& totals) {
  CaseComparison comparison{
      .flops = flops(readings), .expected = std::nullopt, .rule = {}, .events = {}};
  // On a hybrid CPU only the events of the core that the thread was on have counted.
  Readings counted;
  std::ranges::copy_if(readings, std::back_inserter(counted), [](const Reading& reading) {
    return reading.planned.event.operations != 0 && reading.value.validity != Validity::unavailable;
  });
  if (comparison.flops.validity == Validity::unavailable) {
    return comparison;
  }
  comparison.expected = expected_flops(counted, totals);
  comparison.rule = counted.front().planned.rule;
  for (const Reading& reading : counted) {
    comparison.events.push_back({reading.value, expected_count(reading.planned, totals)});
  }
  return comparison;
}

std::string to_string(const CaseComparison& comparison) {
  const Value& flops = comparison.flops;
  const CaseVerdict verdict = comparison.verdict();
  if (verdict == CaseVerdict::unavailable) {
    return fmt::format("unavailable: {}", flops.reason);
  }
  std::string text = fmt::format("{} FLOPs by its rule, ", flops.count);
  text += comparison.expected ? fmt::format("executed {}: ", *comparison.expected) : "";
  text += to_string(verdict);
  if (verdict == CaseVerdict::not_compared) {
    return text + ": " +
           (comparison.expected ? flops.reason
                                : "how the event weighs the instructions is not known");
  }
  return text + (verdict == CaseVerdict::deviates ? deviation(comparison) : "");
}

}  // namespace flopmeter::retired
