#include "results/result_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "results/json.h"
#include "results/last_of.h"
#include "results/read_results.h"

namespace flopmeter {
namespace {

constexpr std::array<std::string_view, 3> answers{"ok", "unavailable", "failed"};

std::string error_text() { return std::generic_category().message(errno); }

/// Pipes and terminals have no size and nothing to be kept.
off_t size_of(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

/// EINVAL: a pipe or device, which has no disk to reach.
bool reach_disk(int descriptor) { return fdatasync(descriptor) == 0 || errno == EINVAL; }

/// A new file's name is on disk only when its directory is. Best effort: some refuse it.
void sync_directory_of(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : ".";
  const int directory = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);
    close(directory);
  }
}

}  // namespace

ResultFile::ResultFile(std::filesystem::path path, const Environment& environment, bool resume)
    : path_(std::move(path)), fingerprint_(fingerprint(environment)) {
  try {
    open(resume);
    if (!take_up()) {
      write(environment_line(environment));
    }
    sync_directory_of(path_);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

ResultFile::~ResultFile() { close(descriptor_); }

void ResultFile::fail(std::string_view reason) const {
  throw CannotWrite(fmt::format("cannot write results to '{}': {}", path_.string(), reason));
}

void ResultFile::open(bool resume) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    fail(error_text());
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    fail("another run is writing to it");
  }
  if (!resume && size_of(descriptor_) > 0) {
    fail("it holds results already; give --resume to continue it, or another name");
  }
}

/// Learns what the file holds and mends its end. True when the last environment is this one, so
/// that it need not be written again.
bool ResultFile::take_up() {
  if (size_of(descriptor_) == 0) {
    return false;
  }
  const StoredResults stored = read_results(path_);
  LastOf<Key, Record> rows(resumed_);
  for (const Stored<Record>& line : stored.records) {
    if (line.environment == fingerprint_) {
      rows.put({line.row.name, line.row.threads, line.row.cache}, line.row);
    }
  }
  std::ranges::for_each(resumed_, [this](const Record& row) { remember(row); });
  LastOf<std::pair<std::string, std::string>, FormulaRow> formulas(formulas_);
  for (const Stored<FormulaRow>& line : stored.formulas) {
    if (line.environment == fingerprint_) {
      formulas.put({line.row.layer, line.row.pass}, line.row);
    }
  }
  for (const Stored<Machine>& line : stored.machines) {
    if (line.environment == fingerprint_) {
      machine_ = line.row;
    }
  }
  has_claims_ = std::ranges::any_of(
      stored.claims, [&](const auto& line) { return line.environment == fingerprint_; });
  if (ftruncate(descriptor_, static_cast<off_t>(stored.complete_bytes)) != 0) {
    fail(error_text());
  }
  if (!stored.ends_in_newline) {
    write("\n");
  }
  return !stored.environments.empty() && stored.environments.back().fingerprint == fingerprint_;
}

void ResultFile::append(const Record& record) {
  write(record_line(record, fingerprint_));
  remember(record);
}

void ResultFile::append(const Machine& machine) { write(machine_line(machine, fingerprint_)); }

void ResultFile::append(const FormulaRow& row) { write(formula_line(row, fingerprint_)); }

void ResultFile::append(const ClaimRow& row) { write(claim_line(row, fingerprint_)); }

bool ResultFile::has(std::string_view name, std::optional<std::int64_t> threads,
                     std::string_view cache) const {
  return answered_.contains({std::string(name), threads, std::string(cache)});
}

void ResultFile::remember(const Record& record) {
  if (std::ranges::find(answers, record.status) != answers.end()) {
    answered_.emplace(record.name, record.threads, record.cache);
  }
}

void ResultFile::write(std::string_view text) {
  const off_t before = size_of(descriptor_);
  if (!write_all(descriptor_, text) || !reach_disk(descriptor_)) {
    const std::string reason = error_text();
    [[maybe_unused]] const int undone = ftruncate(descriptor_, before);
    fail(reason);
  }
}

}  // namespace flopmeter
