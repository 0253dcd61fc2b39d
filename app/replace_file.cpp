#include "app/replace_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

namespace fs = std::filesystem;

std::string reason_of(int error) { return std::generic_category().message(error); }

bool written(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  return file.good();
}

}  // namespace

void replace_file(const std::string& path, std::string_view text) {
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  const bool plain = !fs::exists(status) || fs::is_regular_file(status);
  // A link keeps leading where it leads.
  const fs::path target = fs::is_symlink(path, none) ? fs::canonical(path, none) : fs::path(path);
  const fs::path beside = fmt::format("{}.{}.part", target.string(), getpid());
  errno = 0;
  if (!written(plain ? beside : target, text)) {
    const int error = errno;
    if (plain) {
      fs::remove(beside, none);
    }
    bad_input("cannot write '{}': {}", path, reason_of(error));
  }
  if (plain) {
    std::error_code error;
    fs::rename(beside, target, error);
    if (error) {
      fs::remove(beside, none);
      bad_input("cannot write '{}': {}", path, error.message());
    }
  }
}

}  // namespace flopmeter
