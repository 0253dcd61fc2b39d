#include "kernels/benchdnn/batch.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace flopmeter::benchdnn {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

class Reader {
 public:
  Reader(const Subject& subject, const Loader& load) : subject_(subject), load_(load) {}

  /// False when the file cannot be read.
  bool file(const std::string& path) {
    const std::optional<std::string> text = load_(path);
    if (!text) {
      return false;
    }
    if (!open_.insert(path).second) {
      return true;  // it names itself
    }
    std::istringstream lines(*text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      origin_ = fmt::format("{}:{}", path, number);
      words(line.substr(0, line.find('#')), path);
    }
    open_.erase(path);
    return true;
  }

  Batch take() { return std::move(batch_); }

 private:
  void words(const std::string& line, const std::string& path) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word.starts_with("--")) {
        option(word, path);
      } else {
        shape(word);
      }
    }
  }

  void option(const std::string& word, const std::string& path) {
    constexpr std::string_view batch = "--batch=";
    if (word == "--reset") {
      options_.reset();
    } else if (word.starts_with(batch)) {
      named_file(word.substr(batch.size()), path);
    } else if (const Driver* driver = find_driver(word)) {
      subject_ = driver == subject_.driver ? subject_ : Subject{nullptr, driver};
    } else if (options_.take(word) == Taken::unknown) {
      not_read(word, "an option that is not known, and that nothing is changed by here");
    }
  }

  /// Beside the file that names it, in the driver's folder beside that, or as it stands.
  void named_file(const std::string& name, const std::string& path) {
    const std::string origin = origin_;
    const std::string here = folder_of(path);
    const std::string driver =
        subject_.driver != nullptr ? std::string(subject_.driver->name) + "/" : "";
    const bool found = file(here + name) || file(here + "../" + driver + name) || file(name);
    origin_ = origin;
    if (!found) {
      not_read(name, "there is no such file beside this one");
    }
  }

  void shape(const std::string& word) {
    try {
      batch_.wanted.push_back(read_shape(subject_, options_, word));
    } catch (const std::exception& error) {
      not_read(word, error.what());
    }
  }

  void not_read(const std::string& text, const std::string& reason) {
    batch_.not_read.push_back({origin_, text, reason});
  }

  Subject subject_;
  const Loader& load_;
  Options options_;
  std::string origin_;
  std::set<std::string> open_;
  Batch batch_;
};

}  // namespace

Batch read_batch(const Subject& subject, const std::string& path, const Loader& load) {
  Reader reader(subject, load);
  if (!reader.file(path)) {
    bad_input("cannot read batch file '{}': give a file of one shape a line", path);
  }
  return reader.take();
}

std::vector<std::string> lines_of(const Batch& batch, const std::string& path) {
  constexpr std::size_t shown = 20;
  std::vector<std::string> lines;
  std::map<std::string, std::size_t> remarks;
  for (const Wanted& wanted : batch.wanted) {
    remarks[wanted.remark] += wanted.remark.empty() ? 0 : 1;
  }
  for (const auto& [remark, times] : remarks) {
    if (times != 0) {
      lines.push_back(fmt::format("{}: {} shapes: {}", path, times, remark));
    }
  }
  if (batch.not_read.empty()) {
    return lines;
  }
  const std::size_t all = batch.wanted.size() + batch.not_read.size();
  lines.push_back(fmt::format("{}: {} of {} shapes and options are not read:", path,
                              batch.not_read.size(), all));
  for (std::size_t i = 0; i < std::min(shown, batch.not_read.size()); ++i) {
    const NotRead& one = batch.not_read[i];
    lines.push_back(fmt::format("  {}: '{}': {}", one.origin, one.text, one.reason));
  }
  if (batch.not_read.size() > shown) {
    lines.push_back(fmt::format("  and {} more", batch.not_read.size() - shown));
  }
  return lines;
}

}  // namespace flopmeter::benchdnn
