// A file in memory, of which nothing is trusted.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace flopmeter::executed {

/// The contents of a file, of which nothing is read that is not looked at.
class MappedFile {
 public:
  /// Empty when it cannot be read.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// What begins there; empty beyond the end.
inline std::string_view from(std::string_view text, std::uint64_t at) {
  return text.substr(at < text.size() ? at : text.size());
}

/// Whatever stands there up to the byte 0, or the end.
inline std::string_view name_at(std::string_view text, std::uint64_t at) {
  const std::string_view rest = from(text, at);
  return rest.substr(0, rest.find('\0'));
}

/// Nothing where the text ends before it does.
template <class T>
std::optional<T> value_at(std::string_view text, std::uint64_t at) {
  const std::string_view bytes = from(text, at);
  T value;
  if (bytes.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace flopmeter::executed
