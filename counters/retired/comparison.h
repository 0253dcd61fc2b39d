// The CPU's own count against what was executed: the fourth count beside the third.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "counters/executed/arithmetic/totals.h"
#include "counters/retired/value.h"

namespace flopmeter::retired {

/// What the event would count of these instructions by its description: an FMA twice, all lanes of
/// the registers, no compares and conversions. A count, of the event. Nothing where its weights are
/// not known (E-cores). Throws CountOverflow.
std::optional<std::int64_t> expected_count(const PlannedEvent& event,
                                           const executed::Totals& totals);

/// One event that counts FLOPs.
struct EventComparison {
  Value counted;
  std::optional<std::int64_t> expected;

  bool deviates() const { return expected && counted.count != *expected; }
};

enum class CaseVerdict { agrees, deviates, not_compared, unavailable };

std::string_view to_string(CaseVerdict verdict);

/// FLOPs by the counter's own rule, beside those of the executed instructions by the same rule.
struct CaseComparison {
  Value flops = unavailable("flops", "not read");
  std::optional<std::int64_t> expected;  // FLOPs; nothing where an event's weights are not known
  std::string_view rule;                 // which operations count, in words
  std::vector<EventComparison> events;   // those that counted

  /// Scaled values are estimates, and are not compared.
  CaseVerdict verdict() const;
};

/// Both of the same code. Throws CountOverflow.
CaseComparison compare(const Readings& readings, const executed::Totals& totals);

/// "1024 FLOPs by its rule, executed 1024: agrees"; "... deviates by +16 (+1.56 %): fp_512_f32
/// counted 65 for 64"; why they are not compared; or "unavailable: reason". No line break.
std::string to_string(const CaseComparison& comparison);

}  // namespace flopmeter::retired
