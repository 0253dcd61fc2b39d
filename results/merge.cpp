#include "results/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "results/result_lines.h"
#include "results/stored_rows.h"

namespace flopmeter {
namespace {

using CaseId = std::uint32_t;

/// Where a line stands, and how good an answer it is.
struct RowPosition {
  std::uint32_t file = 0, line = 0;
  int worth = 0;
};

int worth_of(std::string_view status) {
  return status == "ok" ? 3 : status == "unavailable" || status == "failed" ? 2 : 1;
}

/// What a kind of machine was asked for and has.
struct Kind {
  std::string name;
  std::unordered_map<CaseId, RowPosition> best;         // of each case that it answered
  std::map<std::size_t, std::set<std::size_t>> shards;  // seen, by the number of them
};

class Merge {
 public:
  Merge(const std::vector<std::filesystem::path>& files, std::ostream& out)
      : files_(files), out_(out), kept_(files.size()) {}

  MergeSummary run(std::size_t named) {
    for (std::size_t file = 0; file < files_.size(); ++file) {
      std::size_t count = 0;
      const LinesEnd end = for_each_line(files_[file], [&](const ResultLine& line, LinePlace) {
        kept_[file].push_back(learn(file, count++, line));
      });
      summary_.cut += end.cut ? 1 : 0;
    }
    if (kinds_.empty()) {
      throw CannotRead("no environment in any of the files: are they results of flopmeter?");
    }
    keep_best();
    for (std::size_t file = 0; file < files_.size(); ++file) {
      copy_kept(file);
    }
    summary_.files = files_.size();
    for (const Kind& kind : kinds_) {
      list_missing(kind, named);
    }
    return summary_;
  }

 private:
  /// Lines are numbered without the empty ones, here and below.
  void copy_kept(std::size_t file) {
    std::ifstream in(files_[file], std::ios::binary);
    std::string text;
    for (std::size_t line = 0; line < kept_[file].size() && std::getline(in, text);) {
      if (!text.empty() && kept_[file][line++]) {
        out_ << text << '\n';
      }
    }
  }

  /// Whether the line is kept; of a record that shows later.
  bool learn(std::size_t file, std::size_t line, const ResultLine& of) {
    const std::string_view type = of.type();
    if (type == "record") {
      learn_record(file, line, of);
      return false;
    }
    if (type == "shard") {
      learn_shard(of.json());
      return false;
    }
    return type == "environment" ? learn_environment(file, of.json())
                                 : once_.insert(std::hash<std::string_view>()(of.text())).second;
  }

  bool learn_environment(std::size_t file, const Json& json) {
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
    const std::string name = kind_of_machine(json);
    auto found = std::ranges::find(kinds_, name, &Kind::name);
    if (found == kinds_.end()) {
      found = kinds_.insert(kinds_.end(), {.name = name, .best = {}, .shards = {}});
    }
    return kind_of_
        .emplace(text_at(json, "fingerprint"), static_cast<std::size_t>(found - kinds_.begin()))
        .second;
  }

  Kind& kind(std::string_view environment) {
    const auto found = kind_of_.find(std::string(environment));
    if (found == kind_of_.end()) {
      throw CannotRead(fmt::format("a row of the unknown environment '{}'", environment));
    }
    return kinds_[found->second];
  }

  CaseId id_of(std::string name) {
    return cases_.emplace(std::move(name), static_cast<CaseId>(cases_.size())).first->second;
  }

  void learn_record(std::size_t file, std::size_t line, const ResultLine& of) {
    const RowPosition position{static_cast<std::uint32_t>(file), static_cast<std::uint32_t>(line),
                               worth_of(of.text_at("status"))};
    const auto [found, is_new] =
        kind(of.text_at("environment")).best.try_emplace(id_of(case_of(of)), position);
    if (!is_new) {
      ++summary_.repeats;
      found->second = position.worth > found->second.worth ? position : found->second;
    }
  }

  void learn_shard(const Json& json) {
    kind(text_at(json, "environment"))
        .shards[json.at("count").get<std::size_t>()]
        .insert(json.at("index").get<std::size_t>());
    for (const Json& name : json.at("cases")) {
      id_of(name.get<std::string>());
    }
  }

  void keep_best() {
    for (const Kind& kind : kinds_) {
      for (const auto& [id, position] : kind.best) {
        kept_[position.file][position.line] = true;
      }
      summary_.rows += kind.best.size();
    }
  }

  void list_missing(const Kind& kind, std::size_t named) {
    Missing missing{.kind = kind.name, .count = 0, .first = {}};
    for (const auto& [count, seen] : kind.shards) {
      for (std::size_t index = 0; index < count; ++index) {
        if (!seen.contains(index)) {
          missing.first.push_back(fmt::format("shard {}/{}", index, count));
        }
      }
    }
    missing.count = missing.first.size() + cases_.size() - kind.best.size();
    missing.first.resize(std::min(named, missing.first.size()));
    std::set<std::string_view> first;  // the least names, never more than are shown
    for (const auto& [name, id] : cases_) {
      if (!kind.best.contains(id)) {
        first.insert(name);
        if (first.size() + missing.first.size() > named) {
          first.erase(std::prev(first.end()));
        }
      }
    }
    missing.first.insert(missing.first.end(), first.begin(), first.end());
    if (missing.count > 0) {
      summary_.missing.push_back(std::move(missing));
    }
  }

  const std::vector<std::filesystem::path>& files_;
  std::ostream& out_;
  MergeSummary summary_;
  std::optional<std::string> build_;
  std::string built_in_;
  std::unordered_map<std::string, std::size_t> kind_of_;  // by fingerprint
  std::vector<Kind> kinds_;
  std::unordered_map<std::string, CaseId> cases_;  // of all kinds, planned or answered
  std::unordered_set<std::size_t> once_;
  std::vector<std::vector<bool>> kept_;  // by file and line
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

MergeSummary merge_results(const std::vector<std::filesystem::path>& files, std::ostream& out,
                           std::size_t named) {
  return Merge(files, out).run(named);
}

}  // namespace flopmeter
