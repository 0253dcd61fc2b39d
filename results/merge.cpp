#include "results/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "results/read_results.h"
#include "results/stored_rows.h"

namespace flopmeter {
namespace {

/// Where a line stands, and how good an answer it is.
struct RowPosition {
  std::size_t file = 0, line = 0;
  int worth = 0;
};

int worth_of(const std::string& status) {
  return status == "ok" ? 3 : status == "unavailable" || status == "failed" ? 2 : 1;
}

/// What a kind of machine was asked for and has.
struct Kind {
  std::set<std::string> planned, answered;
  std::map<std::size_t, std::set<std::size_t>> shards;  // seen, by the number of them
};

class Merge {
 public:
  Merge(const std::vector<std::filesystem::path>& files, std::ostream& out)
      : files_(files), out_(out) {}

  MergeSummary run() {
    for (std::size_t file = 0; file < files_.size(); ++file) {
      read(file, [&](const std::string& text, std::size_t line) { learn(file, line, text); });
    }
    if (kind_of_.empty()) {
      throw CannotRead("no environment in any of the files: are they results of flopmeter?");
    }
    keep_best();
    for (std::size_t file = 0; file < files_.size(); ++file) {
      read(file, [&](const std::string& text, std::size_t line) {
        if (kept_.contains({file, line})) {
          out_ << text << '\n';
        }
      });
    }
    summary_.files = files_.size();
    list_missing();
    return summary_;
  }

 private:
  void read(std::size_t file, const std::function<void(const std::string&, std::size_t)>& take) {
    std::ifstream in(files_[file]);
    if (!in) {
      throw CannotRead(fmt::format("'{}' cannot be read", files_[file].string()));
    }
    std::string text;
    for (std::size_t line = 1; std::getline(in, text); ++line) {
      if (!text.empty()) {
        take(text, in.eof() ? 0 : line);  // 0: no newline at its end
      }
    }
  }

  void learn(std::size_t file, std::size_t line, const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
      if (line == 0) {
        ++summary_.cut;
        return;
      }
      throw CannotRead(fmt::format("{}:{}: not one JSON object", files_[file].string(), line));
    }
    const std::string type = text_at(json, "type");
    if (type == "environment") {
      learn_environment(file, line, json);
    } else if (type == "record") {
      learn_record(file, line, json);
    } else if (type == "shard") {
      learn_shard(json);
    } else if (once_.insert(std::hash<std::string>()(text)).second) {
      kept_.insert({file, line});
    }
  }

  void learn_environment(std::size_t file, std::size_t line, const Json& json) {
    const std::string build =
        joined(json, {"version", "commit", "compiler", "flags", "build_type", "libraries"});
    if (build_ && *build_ != build) {
      throw CannotRead(fmt::format("'{}' is of another build than '{}': {} and {}",
                                   files_[file].string(), built_in_, build, *build_));
    }
    if (!build_) {
      build_ = build;
      built_in_ = files_[file].string();
    }
    const std::string fingerprint = text_at(json, "fingerprint");
    const std::string kind = kind_of_machine(json);
    kinds_[kind];
    if (kind_of_.emplace(fingerprint, kind).second) {
      kept_.insert({file, line});
    }
  }

  const std::string& kind(const Json& json) const {
    const auto found = kind_of_.find(text_at(json, "environment"));
    if (found == kind_of_.end()) {
      throw CannotRead(
          fmt::format("a row of the unknown environment '{}'", text_at(json, "environment")));
    }
    return found->second;
  }

  void learn_record(std::size_t file, std::size_t line, const Json& json) {
    const std::string name = case_of(json);
    kinds_[kind(json)].answered.insert(name);
    const RowPosition position{file, line, worth_of(text_at(json, "status"))};
    const auto [found, is_new] = best_.try_emplace(kind(json) + "\n" + name, position);
    if (!is_new) {
      ++summary_.repeats;
      found->second = position.worth > found->second.worth ? position : found->second;
    }
  }

  void learn_shard(const Json& json) {
    Kind& of = kinds_[kind(json)];
    of.shards[json.at("count").get<std::size_t>()].insert(json.at("index").get<std::size_t>());
    for (const Json& name : json.at("cases")) {
      of.planned.insert(name.get<std::string>());
    }
  }

  void keep_best() {
    for (const auto& [key, position] : best_) {
      kept_.insert({position.file, position.line});
    }
    summary_.rows = best_.size();
  }

  /// Cases that this kind, or another one, was to answer or did; and whole shards.
  void list_missing() {
    std::set<std::string> all;
    for (const auto& [name, of] : kinds_) {
      all.insert(of.planned.begin(), of.planned.end());
      all.insert(of.answered.begin(), of.answered.end());
    }
    for (const auto& [name, of] : kinds_) {
      for (const auto& [count, seen] : of.shards) {
        for (std::size_t index = 0; index < count; ++index) {
          if (!seen.contains(index)) {
            summary_.missing.push_back(fmt::format("shard {}/{} on {}", index, count, name));
          }
        }
      }
      for (const std::string& one : all) {
        if (!of.answered.contains(one)) {
          summary_.missing.push_back(fmt::format("{} on {}", one, name));
        }
      }
    }
  }

  const std::vector<std::filesystem::path>& files_;
  std::ostream& out_;
  MergeSummary summary_;
  std::optional<std::string> build_;
  std::string built_in_;
  std::map<std::string, std::string> kind_of_;  // by fingerprint
  std::map<std::string, Kind> kinds_;
  std::unordered_map<std::string, RowPosition> best_;
  std::unordered_set<std::size_t> once_;
  std::set<std::pair<std::size_t, std::size_t>> kept_;
};

}  // namespace

std::string shard_line(std::size_t index, std::size_t count, const std::vector<std::string>& cases,
                       std::string_view environment) {
  return json_line(Json{{"type", "shard"},
                        {"environment", environment},
                        {"index", index},
                        {"count", count},
                        {"cases", cases}});
}

MergeSummary merge_results(const std::vector<std::filesystem::path>& files, std::ostream& out) {
  return Merge(files, out).run();
}

}  // namespace flopmeter
