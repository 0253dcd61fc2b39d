// The number that a published counter prints for a network.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/case.h"
#include "kernels/network/network.h"
#include "validate/expression.h"
#include "validate/published/counter.h"

namespace flopmeter::published {

/// A number, or why there is none.
struct Printed {
  std::optional<std::int64_t> value;
  std::string failure;             // "fails: StopIteration", "counts the forward pass only"
  std::vector<const Rule*> rules;  // each that had a share in it, once
  std::vector<std::string> said;   // notes of these that apply to the shapes, each once

  std::string sources() const;
  std::string notes() const;
};

/// What one layer of a network adds to the counter's number, of which it may be a fraction: a share
/// of a sample. Without a number, why there is none.
struct Share {
  double value = 0;
  std::string failure;
  std::vector<const Rule*> rules;
  std::vector<std::string> said;

  std::string notes() const;
};

/// What formulas may use of a layer: fields, variables, counts in bounds, symbols and names.
Scope layer_scope(const Table& table, const Problem& problem, const Scope& outer = {},
                  const Scope& set = {});

/// The share of one node. `around` are symbols that the network gives (samples, torch, single).
Share share(const Table& table, const Counter& counter, const Quantity& quantity,
            const Problem& problem, Pass pass, const Scope& around, const Scope& written);

/// What the counter prints for the network. `usual` replaces usual values of symbols ("torch");
/// `written`, of each node, is how it is written in PyTorch where that differs from the usual.
/// There is none for a layer that the table does not know. Throws BadInput for formulas that do not
/// fit the layer.
Printed print(const Table& table, const Counter& counter, const Quantity& quantity,
              const Network& network, Pass pass = Pass::forward, const Scope& usual = {},
              std::span<const Scope> written = {});

}  // namespace flopmeter::published
