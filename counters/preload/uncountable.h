// Whether this process runs a program that is known not to work under the counter.
#pragma once

namespace flopmeter::executed {

/// By the libraries that it says it needs, and by what it holds.
bool is_uncountable();

}  // namespace flopmeter::executed
