// The machine code of a network as it runs, one line a fused node, for `flopmeter model --time --executed`.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/chain/chain_run.h"
#include "validate/executed/account.h"

namespace flopmeter {

/// A part of the run. Reorders have no account of their own: `executed` is all that is known of them.
struct ExecutedPart {
  models::ChainPart part;
  Executed executed;
  std::optional<Explanation> explanation = {};  // of a node that was counted
  OpCounts formula = {};  // in bounds, of the layer and of what is done to its result
};

struct ExecutedChain {
  std::vector<ExecutedPart> parts = {};
  std::string changed = {};  // the first result that counting changed; empty: none
  std::int64_t limit = 0;    // dense MACs or bytes above which a node was not counted

  std::size_t nodes() const, explained() const, uncounted() const;
};

/// One run on one thread, each part counted where it stands, after two that are not counted; its results are held
/// against those of a native run bit by bit. What cannot be counted has the reason in its part. Throws CountOverflow.
ExecutedChain execute_chain(const models::Chain& chain, models::ChainRun& run, std::int64_t limit);

std::string executed_chain_text(const ExecutedChain& executed, const models::Chain& chain);
nlohmann::json executed_chain_json(const ExecutedChain& executed, const models::Chain& chain);

}  // namespace flopmeter
