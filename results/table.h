// Records as an aligned table for terminals. Its rows can be printed one at a time, as they finish.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace flopmeter {

/// The columns and their widths, fixed once for the header and every row.
class Table {
 public:
  /// `planned` are the records that will be printed, as far as they are known: before measuring,
  /// name to threads are enough. Columns of these that no record fills are left out. Where the
  /// table is wider than `width` (0: no limit), the columns that say the same in
  /// every row go into a line above the headings, then the least needed ones are left out and that
  /// line says which, then long text is shortened; numbers never are.
  explicit Table(std::span<const Record> planned, std::size_t width = 0);

  /// The headings, broken into lines, below what holds for all rows and what was left out.
  std::string header() const;

  /// One line. Numbers that were not measured are "-".
  std::string row(const Record& record) const;

 private:
  using Remark = std::function<std::string(const RecordField&)>;

  struct Column {
    const RecordField* field;
    std::size_t width;
  };

  std::size_t total_width() const;
  std::string leave_out(std::span<const std::string_view> keys, std::size_t width,
                        const Remark& remark);
  void shorten_text(std::size_t width);

  std::vector<Column> columns_;
  std::string above_;
};

/// Header and rows.
std::string table(std::span<const Record> records, std::size_t width = 0);

}  // namespace flopmeter
