// What `flopmeter run` times: a few shapes of every layer, so that all of it takes minutes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/bench_case.h"

namespace flopmeter {

/// At most so many problems of each layer, by the bytes of their operands: evenly spread from the
/// first above the smallest third, which are tiny and odd shapes to be proved, to the largest; 0:
/// all. In their order. Unless said how many: four, and the largest alone of each layer that shares
/// its default shapes with another here, as the elementwise functions do.
std::vector<Problem> thinned_out(std::span<const Problem> problems,
                                 std::optional<std::size_t> per_layer);

/// The thinned-out problems on one thread, and of each layer the one with the most MACs on 2, 4, 8,
/// ... and all `cores`, for the scaling. Throws BadInput as bench_cases.
std::vector<BenchCase> first_look(std::span<const Problem> problems,
                                  std::optional<std::size_t> per_layer, int cores);

/// Those whose counts take no longer than a moment: at most this many MACs in bounds.
inline constexpr std::int64_t quickly_proved_macs = 1 << 25;
std::vector<Problem> quickly_proved(std::span<const Problem> problems);

}  // namespace flopmeter
