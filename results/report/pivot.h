// Rows of results gathered by the values of some of their fields: layers down, backends across.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/record.h"
#include "results/report/report_data.h"
#include "results/report/section.h"

namespace flopmeter::report {

/// How the values of several rows become one.
enum class Fold { median, lowest, highest, sum, count };

struct PivotQuery {
  /// At least one. Of several, the last one's values become columns.
  std::vector<const RecordField*> by;
  const RecordField* value = nullptr;                             // a number
  std::vector<std::pair<const RecordField*, std::string>> where;  // only rows whose field says this
  Fold fold = Fold::median;
};

struct Pivot {
  TextTable table;
  /// What a reader has to know beside the numbers: unit, how many rows each stands for, what is mixed
  /// in them, how many rows are not ok or have no value.
  std::vector<std::string> remarks;
};

/// By its key in JSON; nullptr: there is none.
const RecordField* field_of_key(std::string_view key);

/// Whether rows can be gathered by it: text or an integer, not a rate that hardly occurs twice.
bool names_a_group(const RecordField& field);

Pivot pivot(const ReportData& data, const PivotQuery& query);

}  // namespace flopmeter::report
