#include "results/report/report_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "results/cell.h"
#include "results/last_of.h"
#include "results/report/drawn_rows.h"
#include "results/report/text_table.h"

namespace flopmeter::report {
namespace {

using FormulaKey = std::tuple<std::string, std::string>;
using FetchRecord = std::function<Record(const BriefRow&)>;

auto row_key(const BriefRow& row) {
  return std::tie(row.environment, row.layer, row.pass, row.backend, row.dtype, row.shape, row.name,
                  row.threads, row.cache);
}

struct RowHash {
  const std::deque<BriefRow>* rows;
  std::size_t operator()(std::uint32_t index) const {
    const BriefRow& r = (*rows)[index];
    return mixed_hash({r.environment, r.layer.hash(), r.pass.hash(), r.backend.hash(),
                       r.dtype.hash(), r.shape.hash(), r.name.hash(), r.cache.hash(),
                       static_cast<std::size_t>(r.threads.value_or(-1))});
  }
};

struct SameRow {
  const std::deque<BriefRow>* rows;
  bool operator()(std::uint32_t a, std::uint32_t b) const {
    return row_key((*rows)[a]) == row_key((*rows)[b]);
  }
};

/// What the name says besides the fields; a name of another form whole, behind a mark.
std::string_view own_part(const Record& record, std::string& buffer) {
  buffer.clear();
  fmt::format_to(std::back_inserter(buffer), "{}/{}/{}/{}/{}", record.layer, record.pass,
                 record.backend, record.dtype, record.shape);
  if (record.name.starts_with(buffer)) {
    return std::string_view(record.name).substr(buffer.size());
  }
  buffer = "\n" + record.name;
  return buffer;
}

std::optional<float> shortened(const std::optional<double>& value) {
  return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
}

class Merger {
 public:
  /// Of a file that is named next.
  void begin(const std::string& name) { data_.files.push_back(name); }

  void environment(const std::string& fingerprint, Environment environment) {
    place(fingerprint).environment = std::move(environment);
  }
  void machine(const std::string& environment, Machine row) {
    place(environment).machine = std::move(row);
  }
  void formula(const FormulaRow& row) { formulas_.put({row.layer, row.pass}, row); }
  void claim(const ClaimRow& row) { claims_.put(row.id, row); }

  void record(const std::string& environment, const Record& record, LinePlace at) {
    place(environment);
    data_.all.push_back(brief(index_of(environment), record, at));
    const auto [found, is_new] = places_.insert(static_cast<std::uint32_t>(data_.all.size() - 1));
    if (!is_new) {
      data_.all[*found] = data_.all.back();
      data_.all.pop_back();
    }
  }

  ReportData take(const ReportLimits& limits, const FetchRecord& fetch) {
    places_.clear();
    keep_largest(limits.machines);
    for (const std::size_t index : drawn_rows(data_.all, limits.rows)) {
      const BriefRow& row = data_.all[index];
      data_.rows.push_back({row.environment, fetch(row), index});
    }
    return std::move(data_);
  }

 private:
  std::uint32_t index_of(const std::string& fingerprint) const {
    return static_cast<std::uint32_t>(indices_.at(fingerprint));
  }

  /// Where the environment is kept; rows may name one that no line describes.
  MeasuredOn& place(const std::string& fingerprint) {
    const auto [found, is_new] = indices_.emplace(fingerprint, data_.environments.size());
    if (is_new) {
      data_.environments.push_back({fingerprint, {}, {}, {}});
    }
    MeasuredOn& measured = data_.environments[found->second];
    const std::string& file = data_.files.back();
    if (measured.files.empty() ||
        (measured.files.back() != file &&
         std::ranges::find(measured.files, file) == measured.files.end())) {
      measured.files.push_back(file);
    }
    return measured;
  }

  BriefRow brief(std::uint32_t environment, const Record& r, LinePlace at) {
    Words& word = *data_.words;
    BriefRow row{.environment = environment,
                 .file = static_cast<std::uint32_t>(data_.files.size() - 1),
                 .place = at,
                 .layer = word(r.layer),
                 .pass = word(r.pass),
                 .backend = word(r.backend),
                 .dtype = word(r.dtype),
                 .shape = word(r.shape),
                 .label = word(r.label),
                 .cache = word(r.cache),
                 .status = word(r.status),
                 .bound = word(r.bound),
                 .convention = word(r.convention),
                 .memory_level = word(r.memory_level),
                 .name = word(own_part(r, buffer_)),
                 .threads = {},
                 .flops = r.flops,
                 .seconds = r.seconds,
                 .spread = shortened(r.spread),
                 .gflops = shortened(r.gflops),
                 .peak_gflops = shortened(r.peak_gflops),
                 .roof_gbytes_per_second = shortened(r.roof_gbytes_per_second),
                 .percent_of_attainable = shortened(r.percent_of_attainable)};
    if (r.threads) {
      row.threads = static_cast<std::int32_t>(*r.threads);
    }
    if (!r.samples.empty()) {
      const auto [least, most] = std::ranges::minmax_element(r.samples);
      row.least = *least;
      row.most = *most;
    }
    return row;
  }

  /// The environments with most rows, in the order that they have.
  void keep_largest(std::size_t most) {
    const std::size_t count = data_.environments.size();
    if (count <= most) {
      return;
    }
    std::vector<std::size_t> rows(count);
    for (const BriefRow& row : data_.all) {
      ++rows[row.environment];
    }
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) {
      order[i] = i;
    }
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return rows[i]; });
    order.resize(most);
    std::ranges::sort(order);
    keep_environments(order);
  }

  void keep_environments(const std::vector<std::size_t>& kept) {
    std::vector<std::optional<std::uint32_t>> now(data_.environments.size());
    std::vector<MeasuredOn> environments;
    for (const std::size_t old : kept) {
      now[old] = static_cast<std::uint32_t>(environments.size());
      environments.push_back(std::move(data_.environments[old]));
    }
    data_.machines_left_out = data_.environments.size() - kept.size();
    data_.environments = std::move(environments);
    data_.rows_left_out =
        std::erase_if(data_.all, [&](const BriefRow& row) { return !now[row.environment]; });
    for (BriefRow& row : data_.all) {
      row.environment = *now[row.environment];
    }
  }

  ReportData data_;
  std::string buffer_;
  std::unordered_map<std::string, std::size_t> indices_;
  std::unordered_set<std::uint32_t, RowHash, SameRow> places_{16, RowHash{&data_.all},
                                                              SameRow{&data_.all}};
  LastOf<FormulaKey, FormulaRow> formulas_{data_.formulas};
  LastOf<std::string, ClaimRow> claims_{data_.claims};
};

/// The lines that are no records.
void take_rest(Merger& merger, const StoredResults& results) {
  for (const StoredEnvironment& stored : results.environments) {
    merger.environment(stored.fingerprint, stored.environment);
  }
  for (const Stored<Machine>& stored : results.machines) {
    merger.machine(stored.environment, stored.row);
  }
  for (const Stored<FormulaRow>& stored : results.formulas) {
    merger.formula(stored.row);
  }
  for (const Stored<ClaimRow>& stored : results.claims) {
    merger.claim(stored.row);
  }
}

}  // namespace

ReportData merge(std::span<const SourceFile> files, const ReportLimits& limits) {
  Merger merger;
  for (const SourceFile& file : files) {
    merger.begin(file.name);
    take_rest(merger, file.results);
    for (std::size_t i = 0; i < file.results.records.size(); ++i) {
      const auto& [environment, record] = file.results.records[i];
      merger.record(environment, record, {i, 0});
    }
  }
  return merger.take(limits, [&](const BriefRow& row) {
    return files[row.file].results.records[row.place.offset].row;
  });
}

ReportData read_report(std::span<const std::string> paths, const ReportLimits& limits) {
  Merger merger;
  Record record;
  for (const std::string& path : paths) {
    merger.begin(path);
    for_each_line(path, [&](const ResultLine& line, LinePlace place) {
      if (line.type() == "record") {
        line.read(record);
        merger.record(std::string(line.text_at("environment")), record, place);
      } else {
        StoredResults one;
        add_line(one, line);
        take_rest(merger, one);
      }
    });
  }
  std::optional<LinesAt> open;  // one file: rows stand mostly in the order of the files
  std::uint32_t opened = 0;
  return merger.take(limits, [&](const BriefRow& row) {
    if (!open || opened != row.file) {
      opened = row.file;
      open.emplace(paths[opened]);
    }
    (*open)(row.place).read(record);
    return record;
  });
}

std::string left_out_text(const ReportData& data) {
  std::string text;
  if (data.machines_left_out > 0) {
    text += fmt::format(
        "Of {} environments those {} with most rows are shown, and {} rows of the others are not; "
        "flopmeter fleet report has all machines. ",
        data.environments.size() + data.machines_left_out, data.environments.size(),
        grouped(static_cast<std::int64_t>(data.rows_left_out)));
  }
  if (data.rows.size() < data.all.size()) {
    text += fmt::format(
        "{} of {} rows are drawn and listed, evenly from the slowest to the fastest against their "
        "roof of each layer, backend, type, pass, threads and caches, and some that are not ok; "
        "all others are in the files, where flopmeter table gathers them. Sums, medians, counts "
        "and correlations are of all {}.",
        grouped(static_cast<std::int64_t>(data.rows.size())),
        grouped(static_cast<std::int64_t>(data.all.size())),
        grouped(static_cast<std::int64_t>(data.all.size())));
  }
  return text;
}

std::string letter(std::size_t environment) {
  constexpr std::size_t letters = 26;
  const std::string last(1, static_cast<char>('A' + environment % letters));
  return environment < letters ? last : letter(environment / letters - 1) + last;
}

std::string setting_of(std::optional<std::int64_t> threads, const std::string& cache) {
  const std::string text = threads ? fmt::format("{} thread{}", *threads, *threads == 1 ? "" : "s")
                                   : "threads not known";
  return cache.empty() ? text : text + ", " + cache;
}

std::string full_name(const BriefRow& row) {
  return row.name.str().starts_with('\n')
             ? row.name.str().substr(1)
             : fmt::format("{}/{}/{}/{}/{}{}", row.layer.str(), row.pass.str(), row.backend.str(),
                           row.dtype.str(), row.shape.str(), row.name.str());
}

std::vector<std::size_t> evenly(std::span<const std::size_t> places, std::size_t most) {
  if (places.size() <= most) {
    return {places.begin(), places.end()};
  }
  std::vector<std::size_t> some;
  for (std::size_t i = 0; i < most; ++i) {
    some.push_back(most == 1 ? places[places.size() / 2]
                             : places[i * (places.size() - 1) / (most - 1)]);
  }
  return some;
}

}  // namespace flopmeter::report
