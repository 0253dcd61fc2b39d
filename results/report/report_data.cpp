#include "results/report/report_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "results/last_of.h"

namespace flopmeter::report {
namespace {

using RowKey = std::tuple<std::size_t, std::string, std::optional<std::int64_t>, std::string>;
using FormulaKey = std::tuple<std::string, std::string>;

class Merger {
 public:
  void add(const SourceFile& file) {
    data_.files.push_back(file.name);
    for (const StoredEnvironment& stored : file.results.environments) {
      place(stored.fingerprint, file.name).environment = stored.environment;
    }
    for (const Stored<Machine>& stored : file.results.machines) {
      place(stored.environment, file.name).machine = stored.row;
    }
    for (const auto& [environment, record] : file.results.records) {
      place(environment, file.name);
      const std::size_t index = index_of(environment);
      rows_.put({index, record.name, record.threads, record.cache}, {index, record});
    }
    for (const Stored<FormulaRow>& stored : file.results.formulas) {
      formulas_.put({stored.row.layer, stored.row.pass}, stored.row);
    }
    for (const Stored<ClaimRow>& stored : file.results.claims) {
      claims_.put(stored.row.id, stored.row);
    }
  }

  ReportData take() { return std::move(data_); }

 private:
  std::size_t index_of(const std::string& fingerprint) const {
    const auto found = std::ranges::find(data_.environments, fingerprint, &MeasuredOn::fingerprint);
    return static_cast<std::size_t>(found - data_.environments.begin());
  }

  /// Where the environment is kept; rows may name one that no line describes.
  MeasuredOn& place(const std::string& fingerprint, const std::string& file) {
    const std::size_t index = index_of(fingerprint);
    if (index == data_.environments.size()) {
      data_.environments.push_back({fingerprint, {}, {}, {}});
    }
    MeasuredOn& measured = data_.environments[index];
    if (std::ranges::find(measured.files, file) == measured.files.end()) {
      measured.files.push_back(file);
    }
    return measured;
  }

  ReportData data_;
  LastOf<RowKey, ReportRow> rows_{data_.rows};
  LastOf<FormulaKey, FormulaRow> formulas_{data_.formulas};
  LastOf<std::string, ClaimRow> claims_{data_.claims};
};

}  // namespace

ReportData merge(std::span<const SourceFile> files) {
  Merger merger;
  for (const SourceFile& file : files) {
    merger.add(file);
  }
  return merger.take();
}

bool timed(const Record& record) { return record.seconds && *record.seconds > 0; }

std::string letter(std::size_t environment) {
  constexpr std::size_t letters = 26;
  const std::string last(1, static_cast<char>('A' + environment % letters));
  return environment < letters ? last : letter(environment / letters - 1) + last;
}

std::string setting(const Record& record) {
  const std::string threads =
      record.threads ? fmt::format("{} thread{}", *record.threads, *record.threads == 1 ? "" : "s")
                     : "threads not known";
  return record.cache.empty() ? threads : threads + ", " + record.cache;
}

std::string short_name(const Record& record) {
  return record.label.empty() ? record.shape : record.label;
}

}  // namespace flopmeter::report
