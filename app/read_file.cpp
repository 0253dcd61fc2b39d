#include "app/read_file.h"

#include <fstream>
#include <sstream>

namespace flopmeter {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  const bool empty = file.peek() == std::ifstream::traits_type::eof();
  if (file.bad() || !file.is_open() || (!empty && !(text << file.rdbuf()))) {
    return std::nullopt;  // bad: a folder opens, but cannot be read
  }
  return text.str();
}

}  // namespace flopmeter
