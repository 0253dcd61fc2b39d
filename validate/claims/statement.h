// What a user states of a layer: "flops(flop2) = 2*mb*ic*oc".
#pragma once

#include <string>
#include <string_view>

namespace flopmeter::claims {

/// "flops(flop2) = 2*mb*ic*oc"; ~ instead of = asks for approximately. The convention is empty
/// where none is needed, and so is the formula where there is neither = nor ~.
struct Statement {
  std::string_view quantity;  // of a static table, as the convention
  std::string_view convention;
  bool approximately = false;
  std::string formula;

  /// "flops(flop2)".
  std::string subject() const;
};

/// Throws BadInput naming the quantities and conventions. `flops` alone is by convention exact.
Statement parse_statement(std::string_view text);

}  // namespace flopmeter::claims
