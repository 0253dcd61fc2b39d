// A file in memory without reading it: only the pages that are looked at are loaded, so that weights of
// several gigabytes cost nothing to count.
#pragma once

#include <string>
#include <string_view>

namespace flopmeter::models {

class MappedFile {
 public:
  /// Maps a regular file. Throws BadInput naming it: it does not exist, is no file, is empty.
  explicit MappedFile(std::string path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile& operator=(MappedFile&&) = delete;

  const std::string& path() const { return path_; }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string path_;
  std::string_view bytes_;
};

}  // namespace flopmeter::models
