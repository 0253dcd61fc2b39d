// How this program was built: part of every record of a run.
#pragma once

#include <string_view>

namespace flopmeter {

/// Constants of the build.
struct BuildInfo {
  std::string_view commit;      // of the source, "-dirty" behind it when changed; or "unknown"
  std::string_view compiler;    // name and version
  std::string_view flags;       // those that decide about the machine code
  std::string_view build_type;  // Release or Debug
  std::string_view version;     // of flopmeter
};

/// The values of this program.
const BuildInfo& build_info();

}  // namespace flopmeter
