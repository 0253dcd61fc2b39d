// A network in 8-bit integers: how far it is from real numbers, and whether it does what the integers say.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/model_time_rows.h"
#include "app/result_agreement.h"
#include "models/chain/quantize.h"

namespace flopmeter {

/// Of a result in 8 bits, the error against one in real numbers.
struct EightBitError {
  std::string name;
  double largest_error = 0, largest = 0;  // over the elements; of the value without 8 bits
  double relative_rms = 0;  // root of the sum of squares of errors over that of values
};

struct EightBitReport {
  std::string how;      // what has 8-bit steps, and which
  std::string against;  // what errors are against
  std::vector<EightBitError> errors = {};
};

/// Makes the chain one in 8 bits, after a run in f32, and says what that changes in the end.
class EightBitNetwork {
 public:
  EightBitNetwork(models::Chain& chain, int threads);

  /// Whether the file has 8-bit steps of its own.
  bool own_steps() const { return own_steps_; }
  /// What the 8 bits change, against the truth where there is one, else against the run in f32.
  EightBitReport report(const std::optional<std::vector<models::TrueResult>>& truth,
                        const ResultOf& result) const;
  /// The run in f32 against the truth, or, where the file has 8-bit steps of its own, the results; every node in 8 bits
  /// against the same integers; the results against those of the run whose nodes were checked.
  std::vector<ResultAgreement> check(const std::vector<models::TrueResult>& truth,
                                     const models::Chain& chain, const ResultOf& result,
                                     int threads) const;

 private:
  std::map<std::string, std::vector<float>> real_;  // results of the run in f32
  bool own_steps_;
  std::string how_;
};

std::string eight_bit_text(const EightBitReport& report);
nlohmann::json eight_bit_json(const EightBitReport& report);

}  // namespace flopmeter
