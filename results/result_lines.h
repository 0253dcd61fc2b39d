// Result files line by line: whoever reads so holds one line, however many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "results/json.h"
#include "results/record.h"

namespace flopmeter {

/// The file is absent, unreadable or holds something else. One line that names it.
struct CannotRead : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where a line stands in its file.
struct LinePlace {
  std::uint64_t offset = 0;
  std::uint32_t bytes = 0;
};

/// A line as JSON, until the next one is parsed.
class ResultLine {
 public:
  ResultLine();
  ~ResultLine();
  ResultLine(const ResultLine&) = delete;
  ResultLine& operator=(const ResultLine&) = delete;

  /// False: it is not one JSON object.
  bool parse(std::string_view text);

  std::string_view text() const { return text_; }
  std::string_view type() const { return text_at("type"); }

  /// Of a key that has a string; else empty.
  std::string_view text_at(std::string_view key) const;

  /// Of a key that has an integer; else what is given.
  std::int64_t integer_at(std::string_view key, std::int64_t otherwise) const;

  /// The fields of a record, in place of what it held. Throws std::invalid_argument with the key.
  void read(Record& record) const;

  /// For the rare lines, whose fields are read one by one.
  Json json() const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
  std::string_view text_;
};

/// Where reading ended.
struct LinesEnd {
  std::size_t complete_bytes = 0;  // up to the end of the last complete line
  bool ends_in_newline = true;     // that line does
  bool cut = false;                // behind it stands one that is not whole
};

using TakeLine = std::function<void(const ResultLine& line, LinePlace place)>;

/// Every line of a file that is not empty. One that is cut off while it is written may be the last. Throws
/// CannotRead: it cannot be opened, does not begin as results do, a line in the middle is no JSON object; or
/// `take` throws std::invalid_argument, with the line's number then.
LinesEnd for_each_line(const std::filesystem::path& path, const TakeLine& take);

/// The same for text; `origin` names it in messages.
LinesEnd for_each_line_of(std::string_view text, std::string_view origin, const TakeLine& take);

/// Single lines of a file, whose places are known. Throws CannotRead where the file has changed.
class LinesAt {
 public:
  explicit LinesAt(std::filesystem::path path);
  const ResultLine& operator()(LinePlace place);

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::string text_;
  ResultLine line_;
};

}  // namespace flopmeter
