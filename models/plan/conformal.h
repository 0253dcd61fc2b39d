// Intervals from how far predictions were off in cases that nothing was fitted to: split conformal
// prediction (Papadopoulos 2002; Lei et al., JASA 113, 2018) on |log(measured / predicted)|.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace flopmeter::planner {

/// A case that was measured and predicted, seconds.
struct Residual {
  double measured = 0, predicted = 0;
};

/// The factor within which, either way, a new case lies with probability `level`: the residual of
/// rank ceil((n + 1) x level). Too few cases for that rank have none: then it is twice the largest, and
/// at least 2. No cases: 4.
double conformal_factor(std::span<const Residual> residuals, double level);

/// Sums over so many random chains of 5 to 20 of the cases, with repetition, from a fixed seed: errors of
/// nodes cancel in a network as they do there.
std::vector<Residual> random_chains(std::span<const Residual> residuals, std::size_t count,
                                    std::uint64_t seed);

/// conformal_factor of 1000 such chains, with the rank of as many cases as there are, not chains.
double chain_factor(std::span<const Residual> residuals, double level);

}  // namespace flopmeter::planner
