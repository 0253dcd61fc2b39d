// Files that are written anew as a whole.
#pragma once

#include <string>
#include <string_view>

namespace flopmeter {

/// Writes a file beside `path` and renames it, so that a full disk or an interruption keeps the older
/// file. A device or pipe is written to. Throws BadInput naming the path and the reason.
void replace_file(const std::string& path, std::string_view text);

}  // namespace flopmeter
