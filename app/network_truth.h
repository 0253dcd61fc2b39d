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
    }
    return *results_;
  }

 private:
  const models::NetworkFile& file_;
  Dtype dtype_;
  int threads_;
  models::Decisions decisions_;
  std::optional<std::vector<models::TrueResult>> results_;
};

}  // namespace flopmeter
