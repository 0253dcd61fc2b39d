#include "app/result_folder.h"

#include <algorithm>

#include "kernels/bad_input.h"

namespace flopmeter {

std::vector<std::filesystem::path> result_files(const std::string& folder,
                                                const std::filesystem::path& except) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::error_code none;
    if (entry.path().extension() == ".jsonl" &&
        !std::filesystem::equivalent(entry.path(), except, none)) {
      files.push_back(entry.path());
    }
  }
  if (error || files.empty()) {
    bad_input("'{}': name a folder with .jsonl files of run, bench or validate", folder);
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace flopmeter
