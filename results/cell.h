// Values as people read them, in terminal and Markdown tables: rounded, with units where they vary.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "results/environment.h"
#include "results/record.h"

namespace flopmeter {

/// The field of the object as text on one line; empty when it was not measured.
std::string cell(const Record& record, const RecordField& field);
std::string cell(const Environment& environment, const EnvironmentField& field);

/// Whether the field is a number, to be aligned right.
bool is_number(const RecordField& field);

/// `value` rounded to so many digits: (12.345, 3) is "12.3". Beyond 10^-4 and 10^9 with an exponent.
std::string significant(double value, int digits);

/// Seconds in the unit that leaves one to three digits before the point: "12.34 us".
std::string scaled_time(double seconds);

/// Columns of a terminal that UTF-8 text takes: East Asian characters and emoji take two, combining
/// accents none.
std::size_t display_width(std::string_view text);

/// Filled with spaces up to `width` columns; longer text stays as it is.
std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

/// At most `width` columns, the last one an ellipsis when something was cut off.
std::string shorten(std::string_view text, std::size_t width);

}  // namespace flopmeter
