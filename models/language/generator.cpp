#include "models/language/generator.h"

#include <algorithm>
#include <stdexcept>

#include "models/language/generator_build.h"

namespace flopmeter::models {

Generator::Generator(const LanguageModel& model, const LanguageWeights& weights,
                     GenerationState& state, const Phase& phase, int threads)
    : build_(std::make_unique<Build>(model, weights, state, phase, threads)) {
  build_->ids.assign(static_cast<std::size_t>(phase.batch * phase.tokens), 0);
}

Generator::~Generator() = default;

void Generator::set_tokens(std::span<const std::int64_t> ids) {
  if (ids.size() != build_->ids.size()) {
    throw std::logic_error("another number of tokens");
  }
  std::ranges::copy(ids, build_->ids.begin());
}

const std::vector<GenerationPart>& Generator::parts() const { return build_->parts; }

void Generator::run() {
  for (const auto& part : build_->runs) {
    part();
  }
}

void Generator::run(const std::function<double()>& clock,
                    std::vector<std::vector<double>>& seconds) {
  seconds.resize(build_->runs.size());
  double before = clock();
  for (std::size_t i = 0; i < build_->runs.size(); ++i) {
    build_->runs[i]();
    const double after = clock();
    seconds[i].push_back(after - before);
    before = after;
  }
}

std::span<const float> Generator::logits() const { return build_->logits(); }

std::size_t Generator::arena_bytes() const { return build_->arena_bytes; }

}  // namespace flopmeter::models
