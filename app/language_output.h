// How what was measured of a language model is written: text and JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/language_rows.h"

namespace flopmeter {

struct TimedLanguage {
  const models::LanguageModel& model;
  const models::LanguageWeights& weights;
  std::string cache_type;
  std::string phase;  // prefill or decode
  double prepare_seconds = 0;
  std::int64_t planned_bytes = 0;
  std::vector<LanguageRun> runs = {};  // of each set and number of threads
  std::optional<models::LanguageCheck> check = {};

  bool agrees() const;
};

/// Of one run.
std::string language_run_text(const TimedLanguage& timed, const LanguageRun& run);
/// What is true of all: speed by depth, the check, remarks.
std::string language_text(const TimedLanguage& timed);
/// The first run stands at the top, all of them in `by_depth`.
nlohmann::json language_json(const TimedLanguage& timed);

}  // namespace flopmeter
