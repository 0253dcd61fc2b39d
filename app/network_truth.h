// What a network computes in double, evaluated anew where a run decided otherwise.
#pragma once

#include <optional>
#include <vector>

#include "models/chain/truth.h"

namespace flopmeter {

class NetworkTruth {
 public:
  NetworkTruth(const models::NetworkFile& file, Dtype dtype, int threads)
      : file_(file), dtype_(dtype), threads_(threads) {}

  const std::vector<models::TrueResult>& following(models::Decisions decisions) {
    if (!results_ || decisions != decisions_) {
      decisions_ = std::move(decisions);
      results_ = models::evaluate(file_, dtype_, threads_, decisions_);
      rounded_ = false;
    }
    return *results_;
  }

  /// The same, with room for roundings that grow on their way.
  const std::vector<models::TrueResult>& with_rounding() {
    if (!rounded_) {
      results_ = models::with_rounding(*results_, file_, dtype_, threads_, decisions_);
      rounded_ = true;
    }
    return *results_;
  }

 private:
  const models::NetworkFile& file_;
  Dtype dtype_;
  int threads_;
  models::Decisions decisions_;
  bool rounded_ = false;
  std::optional<std::vector<models::TrueResult>> results_;
};

}  // namespace flopmeter
