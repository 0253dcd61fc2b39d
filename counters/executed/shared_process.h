// What counted processes and `flopmeter exec` share: a file in memory of which each process maps its
// own parts before the program begins. Whatever the program does then to its rights, its files and
// its root, and whatever ends it, what was counted stays. Both sides are of one build.
//
// The file is of nothing but parts, one behind the other; an offset says where one is, and 0 that
// there is none.
#pragma once

#include <atomic>
#include <cstdint>

#include "counters/executed/translator/content.h"

namespace flopmeter::executed {

using Offset = std::atomic<std::uint64_t>;

/// At the start of the file.
struct SpaceHeader {
  static constexpr std::uint64_t magic_value = 0x3352'4543'4558'454d;

  std::uint64_t magic = magic_value;
  Offset end = 4096;
  Offset processes = 0;  // the latest SharedProcess
};

/// How far a process came.
enum class Stage : std::uint8_t {
  loaded,       // it is not counted yet
  started,      // and has not come to its end, or not by a system call: a signal, say
  ended,        // it has
  replaced,     // by another program, or it is about to be
  unavailable,  // the counter does not work here
  uncountable,  // it is known not to work so (uncountable.h): it runs without the counter
};

/// Ways to count less than all; how often each was met.
enum class Loss : std::uint8_t {
  unsupported,        // threads went on uncounted from an instruction that cannot be translated
  no_room,            // threads went on uncounted, as there was no memory for more translated code
  uncounted_thread,   // it was not made, because there was no memory for its counters
  uncounted_handler,  // a signal's handler ran uncounted
  uncounted_process,  // a child that goes on with this program, and was not to be counted
  running_program,    // a child that is to run another program: what it does until then
  no_record,          // a child of which there is no record, for lack of memory
  whole_block,        // a fault in a block that could not be divided: all of it counts
};
inline constexpr std::size_t loss_count = 8;

struct SharedProcess {
  static constexpr std::size_t longest_maps = 1U << 20;

  std::uint64_t next = 0;  // SharedProcess
  Offset threads = 0;      // the latest SharedThread
  Offset regions = 0;      // their table
  std::atomic<Stage> stage = Stage::loaded;
  std::int32_t process = 0;  // its number
  std::int32_t parent = 0;   // forked from this one; 0: it was run
  std::atomic<bool> repeated = false;
  std::atomic<bool> restricted = false;           // it has forbidden itself some system calls
  std::atomic<std::int64_t> start_1e9 = 0;        // CLOCK_MONOTONIC, nanoseconds
  std::atomic<std::int64_t> end_1e9 = 0;          // 0: it has not come there
  std::atomic<std::int64_t> threads_created = 0;  // with the first
  std::atomic<std::int64_t> threads_ended = 0;
  std::atomic<std::int64_t> processes_created = 0;
  std::atomic<std::int64_t> losses[loss_count] = {};
  std::atomic<std::uint64_t> unsupported_at = 0;  // an address
  std::uint8_t unsupported[16] = {};              // the bytes there
  char program[512] = {};                         // its file's name

  // The parts of what its blocks compute, as many as there are.
  std::atomic<std::uint32_t> blocks = 0;
  std::atomic<std::uint32_t> items = 0;
  std::atomic<std::uint32_t> tile_items = 0;
  Offset block_parts[arena::max_blocks / (1U << 13)] = {};
  Offset item_parts[1U << 8] = {};
  Offset tile_item_parts[arena::max_tile_items / (1U << 9)] = {};

  // Lines as of /proc/self/maps. The rest of the room is left as it is, and costs nothing.
  std::atomic<std::uint32_t> maps_size = 0;
  char maps[longest_maps];
};

/// The counters of a thread, and of those that took them over one after another: the part of an
/// arena from arena::record on.
struct SharedThread {
  std::uint64_t next = 0;  // SharedThread
};
inline constexpr std::size_t shared_thread_bytes = arena::size - arena::record;

}  // namespace flopmeter::executed
