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

/// A word of a file, and where it began.
struct Word {
  std::string origin, text;
};

/// As benchdnn: # begins a comment in front of a word, a backslash behind one, or by itself, goes on
/// with it in the next line.
std::vector<Word> words_of(const std::string& text, const std::string& path) {
  std::vector<Word> words;
  std::istringstream lines(text);
  std::string line;
  bool goes_on = false;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream parts(line);
    for (std::string part; parts >> part && !part.starts_with('#');) {
      const bool more = part.ends_with('\\');
      part.resize(part.size() - (more ? 1 : 0));
      if (goes_on && !words.empty()) {
        words.back().text += part;
      } else if (!part.empty()) {
        words.push_back({fmt::format("{}:{}", path, number), part});
      }
      goes_on = more;
    }
  }
  return words;
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
    for (const auto& [origin, word] : words_of(*text, path)) {
      origin_ = origin;
      if (word.starts_with("--")) {
        option(word, path);
      } else {
        shape(word);
      }
    }
    open_.erase(path);
    return true;
  }

  Batch take() { return std::move(batch_); }

 private:
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
    Read read = read_shape(subject_, options_, word);
    const bool some = !read.wanted.empty();
    batch_.shapes += some ? 1 : 0;
    std::ranges::move(read.wanted, std::back_inserter(batch_.wanted));
    if (!read.refused.empty()) {
      (some ? batch_.partly : batch_.not_read).push_back({origin_, word, read.refused.front()});
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

namespace {

void append(std::vector<std::string>& lines, const std::vector<NotRead>& list,
            const std::string& heading) {
  constexpr std::size_t shown = 20;
  if (list.empty()) {
    return;
  }
  lines.push_back(heading);
  for (std::size_t i = 0; i < std::min(shown, list.size()); ++i) {
    const auto& [origin, text, reason] = list[i];
    lines.push_back(fmt::format("  {}: '{}': {}", origin, text, reason));
  }
  if (list.size() > shown) {
    lines.push_back(fmt::format("  and {} more", list.size() - shown));
  }
}

}  // namespace

std::vector<std::string> lines_of(const Batch& batch, const std::string& path) {
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
  append(lines, batch.not_read,
         fmt::format("{}: {} of {} shapes and options are not read:", path, batch.not_read.size(),
                     batch.shapes + batch.not_read.size()));
  append(lines, batch.partly,
         fmt::format("{}: {} of {} shapes are none with some of the options:", path,
                     batch.partly.size(), batch.shapes));
  return lines;
}

}  // namespace flopmeter::benchdnn
