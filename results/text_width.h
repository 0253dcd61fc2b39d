// Columns of a terminal that text takes, and text brought to a width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flopmeter {

/// Columns of a terminal that UTF-8 text takes: East Asian characters and emoji take two, combining
/// accents none.
std::size_t display_width(std::string_view text);

/// Filled with spaces up to `width` columns; longer text stays as it is.
std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

/// At most `width` columns, the last one an ellipsis when something was cut off.
std::string shorten(std::string_view text, std::size_t width);

}  // namespace flopmeter
