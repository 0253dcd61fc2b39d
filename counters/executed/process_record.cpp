#include "counters/executed/process_record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>
#include <stdexcept>

#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/translator/instruction.h"

namespace flopmeter::executed {
namespace {

std::runtime_error failure(const char* what) {
  return std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// The part of the file that is used, as it is now.
class View {
 public:
  explicit View(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw failure("cannot read the records");
    SpaceHeader header;
    const bool read = pread(file, static_cast<void*>(&header), sizeof header, 0) == sizeof header;
    size_ = header.end;
    data_ = read ? mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    close(file);
    if (data_ == MAP_FAILED) throw failure("cannot read the records");
  }
  ~View() { munmap(data_, size_); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  /// nullptr: there is none.
  template <class T>
  const T* at(std::uint64_t offset) const {
    const bool known = offset != 0 && offset < size_;
    return known ? reinterpret_cast<const T*>(static_cast<const char*>(data_) + offset) : nullptr;
  }
  const SpaceHeader& header() const { return *static_cast<const SpaceHeader*>(data_); }

 private:
  void* data_;
  std::size_t size_;
};

/// A pool of a process, piece by piece.
template <class T, std::uint32_t piece_elements>
class Parts {
 public:
  Parts(const View& view, const Offset* offsets, std::uint32_t size)
      : view_(view), offsets_(offsets), size_(size) {}

  std::uint32_t size() const { return size_; }
  const T& operator[](std::uint32_t i) const {
    static const T none{};
    const T* const piece = view_.at<T>(offsets_[i / piece_elements]);
    return piece == nullptr ? none : piece[i % piece_elements];
  }

 private:
  const View& view_;
  const Offset* offsets_;
  std::uint32_t size_;
};

class Reader {
 public:
  /// Into an empty record, which is too large to be handed on.
  Reader(const View& view, const SharedProcess& process, ProcessRecord& record)
      : view_(view),
        process_(process),
        blocks_(view, process.block_parts, process.blocks),
        items_(view, process.item_parts, process.items),
        tiles_(view, process.tile_item_parts, process.tile_items),
        record_(record) {}

  void read() {
    take_facts();
    try {
      take_counts();
    } catch (const CountOverflow&) {
      record_.overflow = true;
    }
  }

 private:
  void take_facts() {
    record_.stage = process_.stage;
    record_.process = process_.process;
    record_.parent = process_.parent;
    record_.repeated = process_.repeated;
    record_.restricted = process_.restricted;
    record_.seconds_1e9 = end_time() - process_.start_1e9;
    record_.threads = process_.threads_created;
    record_.threads_ended = process_.threads_ended;
    record_.processes = process_.processes_created;
    for (std::size_t i = 0; i < loss_count; ++i) record_.losses[i] = process_.losses[i];
    record_.program.assign(process_.program, strnlen(process_.program, sizeof process_.program));
    record_.maps.assign(process_.maps, process_.maps_size);
    if (const std::uint64_t address = process_.unsupported_at; address != 0) {
      char text[128];
      text_of(process_.unsupported, sizeof process_.unsupported, address, text, sizeof text);
      record_.unsupported = text;
      // The only one that is not made.
      if (record_.unsupported == "syscall") record_.unsupported = "syscall arch_prctl, for gs";
    }
  }

  std::int64_t end_time() const {
    constexpr std::int64_t a_second = 1'000'000'000;
    if (process_.end_1e9 != 0) return process_.end_1e9;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * a_second + now.tv_nsec;
  }

  void take_counts() {
    std::vector<BlockRecord>& sums = record_.blocks;
    sums.resize(blocks_.size());
    for (const auto* thread = view_.at<SharedThread>(process_.threads); thread != nullptr;
         thread = view_.at<SharedThread>(thread->next)) {
      ++record_.threads_counted;
      add_thread(CounterView::of(reinterpret_cast<const std::uint8_t*>(thread) - arena::record),
                 sums);
    }
    std::erase_if(sums, [](const BlockRecord& sum) { return sum.instructions == 0; });
  }

  void add_thread(const CounterView& counters, std::vector<BlockRecord>& sums) {
    for (std::uint32_t i = 1; i < blocks_.size(); ++i) {
      if (counters.executions[i] == 0) continue;
      add_totals_of(blocks_, items_, tiles_, counters, i, record_.totals);
      add_block(counters, i, sums[i]);
    }
    for (std::uint32_t i = 0; i < tiles_.size(); ++i)
      record_.unsummed_tiles +=
          static_cast<std::int64_t>(counters.executions[tiles_[i].block] - counters.tiles[i].seen);
  }

  void add_block(const CounterView& counters, std::uint32_t number, BlockRecord& sum) {
    const BlockContent& block = blocks_[number];
    sum.address = block.address;
    sum.bytes = block.length;
    const auto times = static_cast<std::int64_t>(counters.executions[number]);
    sum.instructions = checked_add(sum.instructions, checked_multiply(times, block.instructions));
    for_each_item(blocks_, items_, tiles_, counters, number,
                  [&](const Arithmetic& what, std::int64_t, std::int64_t active, std::int64_t) {
                    sum.flops = checked_add(sum.flops, checked_multiply(active, exact_flops(what)));
                    if (what.operation == Operation::fma || what.operation == Operation::dot)
                      sum.macs = checked_add(sum.macs, checked_multiply(active, what.products));
                  });
  }

  const View& view_;
  const SharedProcess& process_;
  Parts<BlockContent, 1U << 13> blocks_;
  Parts<Item, 1U << 14> items_;
  Parts<TileItem, 1U << 9> tiles_;
  ProcessRecord& record_;
};

}  // namespace

RecordSpace::RecordSpace() : file_(memfd_create("flopmeter", MFD_CLOEXEC)) {
  constexpr off_t size = off_t{1} << 44;  // of which nothing is there until it is used
  if (file_ < 0) throw failure("cannot make a file in memory for the records");
  const SpaceHeader header;
  if (ftruncate(file_, size) != 0 ||
      pwrite(file_, static_cast<const void*>(&header), sizeof header, 0) != sizeof header) {
    close(file_);
    throw failure("cannot make a file in memory for the records");
  }
  path_ = fmt::format("/proc/{}/fd/{}", getpid(), file_);
}

RecordSpace::~RecordSpace() { close(file_); }

std::size_t RecordSpace::used_bytes() const {
  struct stat found {};
  constexpr std::size_t block = 512;
  return fstat(file_, &found) == 0 ? static_cast<std::size_t>(found.st_blocks) * block : 0;
}

std::vector<ProcessRecord> read_processes(const std::string& path) {
  const auto view_of_all = std::make_shared<View>(path);
  const View& view = *view_of_all;
  std::vector<ProcessRecord> list;
  for (const auto* process = view.at<SharedProcess>(view.header().processes); process != nullptr;
       process = view.at<SharedProcess>(process->next)) {
    ProcessRecord& record = list.emplace_back();
    Reader(view, *process, record).read();
    const auto* const regions = view.at<RegionTable>(process->regions);
    if (regions != nullptr && regions->magic == RegionTable::magic_value)
      record.regions = std::shared_ptr<const RegionTable>(view_of_all, regions);
  }
  std::ranges::reverse(list);
  return list;
}

}  // namespace flopmeter::executed
