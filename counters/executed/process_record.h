// What `flopmeter exec` reads of the processes that it has counted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "counters/executed/arithmetic/totals.h"
#include "counters/executed/region_record.h"
#include "counters/executed/shared_process.h"

namespace flopmeter::executed {

/// What a translated block has done so far.
struct BlockRecord {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::int64_t instructions = 0;
  std::int64_t flops = 0;  // exact, of active lanes
  std::int64_t macs = 0;   // of active lanes, of any element
};

struct ProcessRecord {
  Stage stage = Stage::loaded;
  bool repeated = false;    // an instruction with a rep prefix ran: it counts once
  bool restricted = false;  // it has forbidden itself some system calls
  bool overflow = false;    // the totals exceed 63 bits
  std::int32_t process = 0;
  std::int32_t parent = 0;           // forked from this one; 0: it was run
  std::int64_t seconds_1e9 = 0;      // from the start to the end or, if there is none, to now
  std::int64_t threads = 0;          // that were created, the first included
  std::int64_t threads_ended = 0;    // the first only by itself, not with the process
  std::int64_t threads_counted = 0;  // threads, or fewer that took over one another's counters
  std::int64_t processes = 0;        // that it made
  std::int64_t unsummed_tiles = 0;   // executions of AMX products whose shape is not known
  std::array<std::int64_t, loss_count> losses{};  // by Loss
  std::string unsupported;  // an instruction that cannot be counted; empty: none was met
  std::string program;      // its file's name
  Totals totals;
  std::vector<BlockRecord> blocks;             // with executions
  std::string maps;                            // as of /proc/PID/maps
  std::shared_ptr<const RegionTable> regions;  // nullptr: there are none

  std::int64_t lost(Loss loss) const { return losses[static_cast<std::size_t>(loss)]; }
};

/// The file that processes share with this one; it is gone when nobody has it open.
class RecordSpace {
 public:
  /// Throws std::runtime_error.
  RecordSpace();
  ~RecordSpace();
  RecordSpace(const RecordSpace&) = delete;
  RecordSpace& operator=(const RecordSpace&) = delete;

  /// By which a process of the same user opens it.
  const std::string& path() const { return path_; }

  /// What the records take by now.
  std::size_t used_bytes() const;

 private:
  int file_;
  std::string path_;
};

/// All processes that have left a record there, the first one first; their counts may still move
/// on. Throws std::runtime_error.
std::vector<ProcessRecord> read_processes(const std::string& path);

}  // namespace flopmeter::executed
