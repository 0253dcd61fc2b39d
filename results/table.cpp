#include "results/table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "results/cell.h"
#include "results/system_file.h"
#include "results/text_width.h"

namespace flopmeter {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t shortest_text = 12;
constexpr std::size_t usual_number = 6;  // "1234.5"
constexpr std::size_t usual_time = 8;    // "123.4 us"

// Cases of one run tend to agree in these.
constexpr std::array<std::string_view, 6> often_same{"convention", "pass",  "cache",
                                                     "layer",      "dtype", "threads"};

// What the other columns imply or a narrow terminal can do without, the first to go first.
constexpr std::array<std::string_view, 6> least_needed{
    "intensity", "gmacs_per_second", "label", "gbytes_per_second", "spread", "threads",
};

/// Fields in front of the time are inputs of a measurement, those behind are its results.
bool known_before_measuring(const RecordField& field) {
  const auto fields = record_fields();
  const auto time = std::ranges::find(fields, "seconds", &RecordField::key);
  return &field < &*time;
}

/// Room for what will be measured.
std::size_t usual_width(const RecordField& field) {
  if (known_before_measuring(field)) {
    return 0;
  }
  if (!is_number(field)) {
    return std::string_view("unavailable").size();
  }
  return field.unit == "s" ? usual_time : usual_number;
}

bool is_last(const RecordField& field) { return field.key == "reason"; }

/// The heading in lines as short as its longest word, or the column's numbers, allows.
std::vector<std::string> heading_lines(const RecordField& field) {
  const std::vector<std::string> words = split(field.heading);
  std::size_t width = usual_number;
  for (const std::string& word : words) {
    width = std::max(width, display_width(word));
  }
  std::vector<std::string> lines;
  for (const std::string& word : words) {
    if (!lines.empty() && display_width(lines.back() + ' ' + word) <= width) {
      lines.back() += ' ' + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::size_t heading_width(const RecordField& field) {
  std::size_t width = 0;
  for (const std::string& line : heading_lines(field)) {
    width = std::max(width, display_width(line));
  }
  return width;
}

/// "pass forward" when no record says otherwise.
std::string what_all_say(std::span<const Record> records, const RecordField& field) {
  const std::string first = records.empty() ? "" : cell(records.front(), field);
  const bool same = std::ranges::all_of(
      records, [&](const Record& record) { return cell(record, field) == first; });
  return same && !first.empty() ? std::string(field.heading) + ' ' + first : "";
}

std::size_t widest_cell(std::span<const Record> records, const RecordField& field) {
  std::size_t width = 0;
  for (const Record& record : records) {
    width = std::max(width, display_width(cell(record, field)));
  }
  return width;
}

void end_line(std::string& text) { text.resize(text.find_last_not_of(' ') + 1); }

}  // namespace

Table::Table(std::span<const Record> planned, std::size_t width) {
  for (const RecordField& field : record_fields()) {
    const std::size_t widest = widest_cell(planned, field);
    if (field.heading.empty() || (known_before_measuring(field) && widest == 0)) {
      continue;
    }
    columns_.push_back({&field, std::max({heading_width(field), usual_width(field), widest})});
  }
  if (width > 0) {
    const std::string same = leave_out(
        often_same, width, [&](const RecordField& field) { return what_all_say(planned, field); });
    const std::string missing = leave_out(
        least_needed, width, [](const RecordField& field) { return std::string(field.heading); });
    shorten_text(width);
    above_ += same.empty() ? "" : "all rows: " + same + '\n';
    above_ += missing.empty() ? "" : "left out for want of width: " + missing + '\n';
  }
}

/// Without the reason: it is empty in most rows, has any length and may run over the edge.
std::size_t Table::total_width() const {
  std::size_t total = 0;
  for (const Column& column : columns_) {
    total += is_last(*column.field) ? 0 : column.width + gap;
  }
  return total - std::min(total, gap);
}

/// Removes columns, in the order of `keys`, until the table fits. `remark` tells what to say of
/// one, nothing when it has to stay.
std::string Table::leave_out(std::span<const std::string_view> keys, std::size_t width,
                             const Remark& remark) {
  std::string remarks;
  for (const std::string_view key : keys) {
    const auto found =
        std::ranges::find(columns_, key, [](const Column& column) { return column.field->key; });
    if (total_width() <= width || found == columns_.end()) {
      continue;
    }
    const std::string text = remark(*found->field);
    if (!text.empty()) {
      remarks += (remarks.empty() ? "" : ", ") + text;
      columns_.erase(found);
    }
  }
  return remarks;
}

void Table::shorten_text(std::size_t width) {
  while (total_width() > width) {
    const auto width_to_spare = [](const Column& column) {
      const bool text = !is_number(*column.field) && known_before_measuring(*column.field);
      return text && column.width > shortest_text ? column.width : 0;
    };
    const auto longest = std::ranges::max_element(columns_, {}, width_to_spare);
    if (longest == columns_.end() || width_to_spare(*longest) == 0) {
      return;
    }
    --longest->width;
  }
}

std::string Table::header() const {
  std::size_t height = 0;
  for (const Column& column : columns_) {
    height = std::max(height, heading_lines(*column.field).size());
  }
  std::string text = above_;
  for (std::size_t below = height; below-- > 0;) {
    for (const Column& column : columns_) {
      const std::vector<std::string> lines = heading_lines(*column.field);
      const std::string part = below < lines.size() ? lines[lines.size() - 1 - below] : "";
      text +=
          is_number(*column.field) ? pad_left(part, column.width) : pad_right(part, column.width);
      text += std::string(gap, ' ');
    }
    end_line(text);
    text += '\n';
  }
  return text;
}

std::string Table::row(const Record& record) const {
  std::string text;
  for (const Column& column : columns_) {
    const std::string value = cell(record, *column.field);
    if (is_number(*column.field)) {
      text += pad_left(value.empty() ? "-" : value, column.width);
    } else if (is_last(*column.field)) {
      text += value;
    } else {
      text += pad_right(shorten(value, column.width), column.width);
    }
    text += std::string(gap, ' ');
  }
  end_line(text);
  return text + '\n';
}

std::string table(std::span<const Record> records, std::size_t width) {
  const Table layout(records, width);
  std::string text = layout.header();
  for (const Record& record : records) {
    text += layout.row(record);
  }
  return text;
}

}  // namespace flopmeter
