#include "counters/preload/process.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/process_record.h"
#include "counters/preload/file.h"
#include "counters/preload/threads.h"

namespace flopmeter::executed {
namespace {

ProcessRecord record;

std::int64_t nanoseconds() {
  constexpr std::int64_t a_second = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * a_second + now.tv_nsec;
}

BlockRecord block_record(const Translator& translator, std::uint32_t number) {
  const Block& block = translator.blocks()[number];
  BlockRecord result{block.address, block.length,
                     checked_multiply(static_cast<std::int64_t>(translator.executions(number)),
                                      block.instructions)};
  translator.for_each_item(
      number, [&](const Arithmetic& what, std::int64_t, std::int64_t active, std::int64_t) {
        result.flops = checked_add(result.flops, checked_multiply(active, exact_flops(what)));
        if (what.operation == Operation::fma || what.operation == Operation::dot)
          result.macs = checked_add(result.macs, checked_multiply(active, what.products));
      });
  return result;
}

void write_blocks(File& file, const Translator& translator) {
  for (std::uint32_t i = 1; i < translator.blocks().size(); ++i) {
    const BlockRecord block = block_record(translator, i);
    if (block.instructions != 0) file.write(&block, sizeof block);
  }
}

void add_events(const Counted& counted) {
  const Events& events = counted.translator.events();
  const std::uint64_t unsupported = counted.met_unsupported();
  record.repeated = record.repeated || events.repeated;
  record.left_by_jump = record.left_by_jump || events.lost;
  record.uncounted_threads += static_cast<std::int64_t>(events.threads_created);
  record.processes += static_cast<std::int64_t>(events.processes_created);
  if (unsupported != 0 && record.unsupported[0] == 0)
    text_at(unsupported, record.unsupported.data(), record.unsupported.size());
}

void sum_up() {
  record.totals = {};
  record.uncounted_threads = 0;
  record.processes = 0;
  try {
    for (Counted* counted = all_counted(); counted != nullptr; counted = counted->next) {
      add_events(*counted);
      counted->translator.add_totals(record.totals);
    }
  } catch (const CountOverflow&) {
    record.overflow = true;
  }
}

}  // namespace

void Process::load(const char* folder) {
  if (folder[0] == 0) return;
  number_ = getpid();
  record.process = number_;
  const long length = readlink("/proc/self/exe", record.program.data(), record.program.size() - 1);
  record.program.at(length < 0 ? 0 : static_cast<std::size_t>(length)) = 0;
  if (choose_file(folder)) write_file();
}

// A process that runs one program after another has a record of each.
bool Process::choose_file(const char* folder) {
  constexpr int most = 1000;
  constexpr int longest_folder = longest_path - 64;
  for (int i = 0; i < most; ++i) {
    std::snprintf(path_, sizeof path_, "%.*s/%d.%d", longest_folder, folder, number_, i);
    std::snprintf(fresh_, sizeof fresh_, "%.*s/%d.%d.new", longest_folder, folder, number_, i);
    const int file = open(path_, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) return close(file) == 0;
    if (errno != EEXIST) break;
  }
  path_[0] = 0;
  return false;
}

void Process::start() {
  if (path_[0] == 0) return;
  record.stage = Stage::started;
  write_file();
  start_ = nanoseconds();
  started_ = true;
}

void Process::unavailable() {
  started_ = false;
  record.stage = Stage::unavailable;
  write_file();
}

bool Process::is_this() const { return syscall(SYS_getpid) == number_; }

void Process::write(End end) {
  if (!counts()) return;
  const int error = errno;
  // Another thread that is ending the process must not end it before this one has written.
  const auto self = static_cast<pid_t>(syscall(SYS_gettid));
  for (pid_t other = 0; !writer_.compare_exchange_strong(other, self); other = 0) {
    if (other == self) return;  // interrupted by a signal
    syscall(SYS_sched_yield);
  }
  record.stage = Stage::ended;
  record.ended_uncounted = end == End::uncounted;
  record.replaced = end == End::replaced;
  record.seconds_1e9 = nanoseconds() - start_;
  record.threads = threads;
  sum_up();
  record.uncounted_threads =
      std::max<std::int64_t>(record.uncounted_threads - (threads - 1), threads_without_counter);
  write_file();
  if (end != End::killed) writer_ = 0;
  errno = error;
}

void Process::write_file() const {
  if (path_[0] == 0) return;
  {
    File file(fresh_);
    if (!file.is_open()) return;
    file.write(&record, sizeof record);
    for (Counted* counted = all_counted(); counted != nullptr && !record.overflow;
         counted = counted->next)
      write_blocks(file, counted->translator);
    const BlockRecord last;
    file.write(&last, sizeof last);
    file.append("/proc/self/maps");
  }
  syscall(SYS_rename, fresh_, path_);
}

}  // namespace flopmeter::executed
