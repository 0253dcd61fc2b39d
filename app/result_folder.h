// The files that the jobs of a fleet leave in a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flopmeter {

/// The .jsonl files of a folder, by name, without `except`. Throws BadInput where there is none.
std::vector<std::filesystem::path> result_files(const std::string& folder,
                                                const std::filesystem::path& except = {});

}  // namespace flopmeter
