// A case's line in the ledger of executed counts.
#pragma once

#include <optional>

#include "validate/executed/effects.h"

namespace flopmeter {

struct Account {
  Case subject;
  Executed executed;
  std::optional<Explanation> explanation;  // empty where there is no count
};

/// Executes the case and explains what it did. What goes wrong becomes Executed::problem; throws
/// BadInput for an unknown backend.
Account account(const Case& subject, Inputs& inputs, Detail detail = Detail::totals);
Account account(const Case& subject, Detail detail = Detail::totals);

}  // namespace flopmeter
