#include "app/result_agreement.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "kernels/agreement.h"

namespace flopmeter {
namespace {

/// Elements that are no number of the type, in the truth and in the run alike.
struct OutOfRange {
  std::int64_t not_numbers = 0, infinite = 0;
};

/// Both are 0 there afterwards. A truth that rounds to infinity is one that errors carry over the edge, too.
OutOfRange take_out(std::vector<float>& got, std::vector<double>& truth, double most) {
  constexpr double near_the_edge = 1.001;
  OutOfRange found;
  for (std::size_t i = 0; i < std::min(got.size(), truth.size()); ++i) {
    const bool neither = std::isnan(got[i]) && std::isnan(truth[i]);
    const bool infinite = std::isinf(got[i]) && std::abs(truth[i]) * near_the_edge > most &&
                          std::signbit(got[i]) == std::signbit(truth[i]);
    found.not_numbers += neither ? 1 : 0;
    found.infinite += infinite ? 1 : 0;
    if (neither || infinite) {
      got[i] = 0;
      truth[i] = 0;
    }
  }
  return found;
}

/// What was allowed for besides errors.
std::string allowances(const models::TrueResult& one, const OutOfRange& beyond) {
  std::string text;
  if (one.decided > 0) {
    text += fmt::format(
        " ({} comparisons of numbers that are equal within errors were taken as the run has them)",
        one.decided);
  }
  if (one.between > 0) {
    text += fmt::format(" ({} numbers may be rounded to either of two codes)", one.between);
  }
  if (one.rounded > 0) {
    text += fmt::format(" (random roundings alone come to {:.3g}, six times as much is allowed)",
                        one.rounded);
  }
  if (beyond.not_numbers > 0) {
    text += fmt::format(" ({} of {} elements are not a number in both)", beyond.not_numbers,
                        one.values.size());
  }
  if (beyond.infinite > 0) {
    text += fmt::format(
        " ({} of {} elements are infinite, in double too or beyond the type's largest number)",
        beyond.infinite, one.values.size());
  }
  return text;
}

}  // namespace

std::vector<ResultAgreement> compare_results(const std::vector<models::TrueResult>& truth,
                                             const ResultOf& result) {
  std::vector<ResultAgreement> all;
  for (const models::TrueResult& one : truth) {
    std::vector<float> got = result(one.name);
    std::vector<double> values = one.values;
    const OutOfRange beyond = take_out(got, values, one.most);
    const Agreement agreement = check_agreement(got, values, {one.absolute, 0});
    all.push_back({one.name, agreement.max_error, agreement.tolerance, one.largest,
                   agreement.passed, agreement.reason});
    all.back().against += allowances(one, beyond);
  }
  return all;
}

}  // namespace flopmeter
