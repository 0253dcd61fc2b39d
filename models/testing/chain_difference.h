// A network that runs, beside the file's own graph.
#pragma once

#include <string>

#include "kernels/agreement.h"
#include "models/chain/chain.h"
#include "models/chain/chain_run.h"
#include "models/chain/truth.h"

namespace flopmeter::models {

/// How the chain's results differ from those of the file's own graph; empty: they agree.
inline std::string difference(const NetworkFile& file, Dtype dtype = Dtype::f32, int threads = 1) {
  const Chain chain = make_chain(file, dtype);
  ChainRun run(chain, dtype, threads);
  run.run();
  run.run();
  std::string all;
  for (const TrueResult& one : evaluate(file, dtype)) {
    all += check_agreement(run.result(one.name), one.values, {one.absolute, 0}).reason;
  }
  return all;
}

}  // namespace flopmeter::models
