// A file that the user names, whole.
#pragma once

#include <optional>
#include <string>

namespace flopmeter {

/// The text of the file; nothing when it cannot be read, so that the caller can say what it should
/// be.
std::optional<std::string> read_file(const std::string& path);

}  // namespace flopmeter
