#include "results/report/pivot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "results/cell.h"
#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

// What must not be mixed without a word.
constexpr std::array<std::string_view, 6> told_apart{"backend", "dtype", "pass",
                                                     "threads", "cache", "convention"};

std::string key_text(const Record& record, const RecordField& field) {
  const std::string text = cell(record, field);
  return text.empty() ? "-" : text;
}

std::optional<double> number_in(const Record& record, const RecordField& field) {
  if (const auto* real = std::get_if<std::optional<double> Record::*>(&field.member)) {
    return record.**real;
  }
  if (const auto* whole = std::get_if<std::optional<std::int64_t> Record::*>(&field.member)) {
    const std::optional<std::int64_t>& value = record.**whole;
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  }
  return std::nullopt;
}

double folded(std::vector<double> values, Fold fold) {
  switch (fold) {
    case Fold::median:
      return median(std::move(values));
    case Fold::lowest:
      return std::ranges::min(values);
    case Fold::highest:
      return std::ranges::max(values);
    case Fold::sum:
      return std::accumulate(values.begin(), values.end(), 0.0);
    case Fold::count:
      break;
  }
  return static_cast<double>(values.size());
}

std::string_view fold_text(Fold fold) {
  constexpr std::array<std::string_view, 5> words{"median", "lowest", "highest", "sum", "number"};
  return words.at(static_cast<std::size_t>(fold));
}

/// Keys in the order in which they occurred first.
class KeyOrder {
 public:
  std::size_t place(const std::vector<std::string>& key) {
    const auto [at, is_new] = places_.emplace(key, keys_.size());
    if (is_new) {
      keys_.push_back(key);
    }
    return at->second;
  }
  const std::vector<std::vector<std::string>>& keys() const { return keys_; }

 private:
  std::map<std::vector<std::string>, std::size_t> places_;
  std::vector<std::vector<std::string>> keys_;
};

class Gathering {
  using Place = std::tuple<std::size_t, std::size_t>;  // row and column

 public:
  Gathering(const ReportData& data, const PivotQuery& query) : query_(query) {
    for (const ReportRow& row : data.rows) {
      if (wanted(row.record)) {
        add(row);
      }
    }
  }

  Pivot take() const { return {.table = table(), .remarks = remarks()}; }

 private:
  bool wanted(const Record& record) const {
    return std::ranges::all_of(query_.where, [&](const auto& condition) {
      return key_text(record, *condition.first) == condition.second;
    });
  }

  /// The fields whose values stand at the left of a line.
  std::size_t left() const { return query_.by.size() > 1 ? query_.by.size() - 1 : 1; }

  void add(const ReportRow& row) {
    const std::optional<double> value = number_in(row.record, *query_.value);
    if (!value) {
      ++without_value_;
      return;
    }
    std::vector<std::string> key;
    for (std::size_t i = 0; i < left(); ++i) {
      key.push_back(key_text(row.record, *query_.by[i]));
    }
    const std::string column =
        query_.by.size() > 1 ? key_text(row.record, *query_.by.back()) : std::string();
    const Place place{rows_.place(key), columns_.place({column})};
    values_[place].push_back(*value);
    not_ok_ += row.record.status == "ok" ? 0 : 1;
    note_what_is_mixed(place, row);
  }

  /// Within one number of the table.
  void note_what_is_mixed(const Place& place, const ReportRow& row) {
    const ReportRow& first = *first_.emplace(place, &row).first->second;
    mixes_environments_ = mixes_environments_ || first.environment != row.environment;
    for (std::size_t i = 0; i < told_apart.size(); ++i) {
      const RecordField& field = *field_of_key(told_apart[i]);
      const std::string before = key_text(first.record, field);
      const std::string now = key_text(row.record, field);
      if (before != now) {
        mixed_[i].insert({before, now});
      }
    }
  }

  Cell cell_of(std::size_t row, std::size_t column) const {
    const auto found = values_.find({row, column});
    if (found == values_.end()) {
      return {"-"};
    }
    const double value = folded(found->second, query_.fold);
    if (query_.fold == Fold::count) {
      return count_cell(static_cast<std::int64_t>(value));
    }
    return query_.value->unit == "s" ? time_cell(value) : number_cell(value);
  }

  TextTable table() const {
    TextTable table{.id = "", .caption = heading(), .columns = {}, .rows = {}};
    for (std::size_t i = 0; i < left(); ++i) {
      table.columns.push_back({std::string(query_.by[i]->key), is_number(*query_.by[i])});
    }
    for (const std::vector<std::string>& column : columns_.keys()) {
      table.columns.push_back(
          {query_.by.size() > 1 ? column.front() : std::string(query_.value->key), true});
    }
    for (std::size_t r = 0; r < rows_.keys().size(); ++r) {
      std::vector<Cell> cells;
      for (const std::string& text : rows_.keys()[r]) {
        cells.push_back(text_cell(text));
      }
      for (std::size_t c = 0; c < columns_.keys().size(); ++c) {
        cells.push_back(cell_of(r, c));
      }
      table.rows.push_back(std::move(cells));
    }
    return table;
  }

  std::string heading() const {
    return fmt::format("{}{}{}, {} of up to {}", query_.value->key,
                       query_.value->unit.empty() ? "" : ", ", query_.value->unit,
                       fold_text(query_.fold), plural(most_rows(), "row"));
  }

  std::size_t most_rows() const {
    std::size_t most = 0;
    for (const auto& [place, values] : values_) {
      most = std::max(most, values.size());
    }
    return most;
  }

  std::vector<std::string> remarks() const {
    std::vector<std::string> said;
    for (std::size_t i = 0; i < told_apart.size(); ++i) {
      if (!mixed_[i].empty()) {
        said.push_back(fmt::format("mixes {} {}: --by {} or --where tells them apart",
                                   told_apart[i], fmt::join(mixed_[i], " | "), told_apart[i]));
      }
    }
    if (mixes_environments_) {
      said.emplace_back("mixes environments, which are not comparable");
    }
    if (not_ok_ > 0) {
      said.push_back(fmt::format("{} not ok (noisy or mistrusted): --where status=ok leaves out",
                                 plural(not_ok_, "row is", "rows are")));
    }
    if (without_value_ > 0) {
      said.push_back(fmt::format("{} no {}", plural(without_value_, "row has", "rows have"),
                                 query_.value->key));
    }
    return said;
  }

  const PivotQuery& query_;
  KeyOrder rows_;
  KeyOrder columns_;
  std::map<Place, std::vector<double>> values_;
  std::map<Place, const ReportRow*> first_;
  std::array<std::set<std::string>, told_apart.size()> mixed_;  // by field: what is
  bool mixes_environments_ = false;
  std::size_t not_ok_ = 0;
  std::size_t without_value_ = 0;
};

}  // namespace

const RecordField* field_of_key(std::string_view key) {
  const auto fields = record_fields();
  const auto found = std::ranges::find(fields, key, &RecordField::key);
  return found == fields.end() ? nullptr : &*found;
}

bool names_a_group(const RecordField& field) {
  return std::holds_alternative<std::string Record::*>(field.member) ||
         std::holds_alternative<std::optional<std::int64_t> Record::*>(field.member);
}

Pivot pivot(const ReportData& data, const PivotQuery& query) {
  return Gathering(data, query).take();
}

}  // namespace flopmeter::report
