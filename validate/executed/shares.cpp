#include "validate/executed/shares.h"

#include "counters/executed/arithmetic/flops.h"

namespace flopmeter {
namespace {

std::optional<double> share_of(std::int64_t part, std::int64_t whole) {
  if (whole == 0) {
    return std::nullopt;
  }
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Shares shares(const Executed& executed) {
  const OpCounts& active = executed.active;
  executed::Cell lanes;
  executed.totals.for_each([&](const executed::Arithmetic&, const executed::Cell& cell) {
    lanes.active = checked_add(lanes.active, cell.active);
    lanes.full = checked_add(lanes.full, cell.full);
  });
  return {.fma = executed::fma_share(active),
          .dot = share_of(active.macs - active.fmas, active.multiplies),
          .instructions_per_mac = share_of(executed.instructions, active.macs),
          .lane_use = share_of(lanes.active, lanes.full)};
}

}  // namespace flopmeter
