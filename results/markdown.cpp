#include "results/markdown.h"

#include "results/cell.h"
#include "results/report/escape.h"

namespace flopmeter {
namespace {

std::string table_line(auto&& text_of_field) {
  std::string text = "|";
  for (const RecordField& field : record_fields()) {
    if (!field.heading.empty()) {
      text += ' ' + std::string(text_of_field(field)) + " |";
    }
  }
  return text + '\n';
}

}  // namespace

std::string markdown_header() {
  return table_line([](const RecordField& field) { return field.heading; }) +
         table_line([](const RecordField& field) { return is_number(field) ? "---:" : "---"; });
}

std::string markdown_row(const Record& record) {
  return table_line([&](const RecordField& field) {
    const std::string text = report::escape_markdown(cell(record, field));
    return text.empty() && is_number(field) ? "-" : text;
  });
}

std::string markdown(std::span<const Record> records) {
  std::string text = markdown_header();
  for (const Record& record : records) {
    text += markdown_row(record);
  }
  return text;
}

}  // namespace flopmeter
