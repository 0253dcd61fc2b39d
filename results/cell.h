// Values as people read them, in terminal and Markdown tables: rounded, with units where they vary.
#pragma once

#include <cstdint>
#include <string>

#include "results/environment.h"
#include "results/record.h"

namespace flopmeter {

/// The field of the object as text on one line; empty when it was not measured.
std::string cell(const Record& record, const RecordField& field);
std::string cell(const Environment& environment, const EnvironmentField& field);

/// Whether the field is a number, to be aligned right.
bool is_number(const RecordField& field);

/// Rounded to so many digits: (12.345, 3) is "12.3". Below 10^-4 and from 10^9 with an exponent.
std::string significant(double value, int digits);

/// 16384000 as "16,384,000".
std::string grouped(std::int64_t value);

/// Seconds in the unit that leaves one to three digits before the point: "12.34 us".
std::string scaled_time(double seconds);

}  // namespace flopmeter
