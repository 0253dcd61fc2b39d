// The library behind a backend.
#pragma once

#include <string>
#include <string_view>

namespace flopmeter {

/// "2.6.3" of the library as it runs. Empty for backends whose library does not say it when it runs, that are
/// flopmeter's own loops, or that this build is without.
std::string library_version(std::string_view backend);

}  // namespace flopmeter
