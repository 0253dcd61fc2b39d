// A thread's arena. Translated code reaches it through gs alone, so that it needs no register and
// no stack of the code that it stands for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "counters/executed/translator/layout.h"

struct _Unwind_Exception;

namespace flopmeter::executed {

class Translator;

/// Registers in the order of their numbers in machine code.
enum Register : std::uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10 };

/// The first page of an arena.
struct Context {
  std::uint64_t registers[16];  // of the guest, while the dispatcher runs
  std::uint64_t flags;
  std::uint64_t target;       // where the guest wants to go
  std::uint64_t destination;  // the translated code of that
  std::uint64_t exit;         // which exit left the code: an index of Translation's exits
  std::uint64_t dispatcher;   // where every exit jumps to
  std::uint64_t stack;        // of the dispatcher: its highest address
  std::uint64_t xsave_area;
  Translator* translator;
  std::uint64_t scratch[4];
  std::uint64_t entry_stack;     // rsp of the guest when it returns
  std::uint64_t after;           // translated code behind a system call that creates
  _Unwind_Exception* unwinding;  // by which the thread ends, when that has unwound the guest
  std::uint64_t mismatch;        // where an indirect branch goes that met the code of another
  std::uint64_t child;           // the arena of the thread that is being made; 0: it has none
  std::uint64_t busy;            // a thread has this arena
  std::uint64_t level;           // handlers of signals that interrupted the dispatcher itself
  std::uint64_t magic;           // this is an arena
  std::uint64_t holds_lock;      // handlers of signals wait until it does not
  std::uint64_t waiting;         // one does; and the signals that were blocked before it came
  std::uint64_t blocked_before;
  std::uint64_t keeps_stack;  // of a handler's frame: it has interrupted the dispatcher
  std::uint64_t wide[16];     // vector registers that translated code puts away
};

static_assert(offsetof(Context, registers) == EXECUTED_REGISTERS);
static_assert(offsetof(Context, flags) == EXECUTED_FLAGS);
static_assert(offsetof(Context, target) == EXECUTED_TARGET);
static_assert(offsetof(Context, destination) == EXECUTED_DESTINATION);
static_assert(offsetof(Context, exit) == EXECUTED_EXIT);
static_assert(offsetof(Context, dispatcher) == EXECUTED_DISPATCHER);
static_assert(offsetof(Context, stack) == EXECUTED_STACK);
static_assert(offsetof(Context, xsave_area) == EXECUTED_XSAVE_AREA);
static_assert(offsetof(Context, translator) == EXECUTED_TRANSLATOR);
static_assert(offsetof(Context, scratch) == EXECUTED_SCRATCH);
static_assert(offsetof(Context, entry_stack) == EXECUTED_ENTRY_STACK);
static_assert(offsetof(Context, after) == EXECUTED_AFTER);
static_assert(offsetof(Context, mismatch) == EXECUTED_MISMATCH);
static_assert(offsetof(Context, child) == EXECUTED_CHILD);
static_assert(offsetof(Context, busy) == EXECUTED_BUSY);
static_assert(offsetof(Context, level) == EXECUTED_LEVEL);
static_assert(offsetof(Context, magic) == EXECUTED_MAGIC);
static_assert(offsetof(Context, holds_lock) == EXECUTED_HOLDS_LOCK);
static_assert(offsetof(Context, wide) == EXECUTED_WIDE);
static_assert(sizeof(Context) == EXECUTED_CONTEXT_END);

/// The rest of an arena, in bytes from its start. Pages that are never touched cost nothing. From
/// `record` on it may be shared with another process, which reads the counters.
namespace arena {
inline constexpr std::uint64_t magic = EXECUTED_MAGIC_VALUE;
inline constexpr std::uint32_t few_lanes = 0x1000;   // 4 x 256 bytes: lanes of an 8-bit mask
inline constexpr std::uint32_t record = 0x2000;      // a page: whose counters these are
inline constexpr std::uint32_t executions = 0x3000;  // one 8-byte counter a block
inline constexpr std::uint32_t max_blocks = 1U << 20;
inline constexpr std::uint32_t mask_sums = executions + 8 * max_blocks;  // 8 bytes each
inline constexpr std::uint32_t max_mask_sums = 1U << 17;
inline constexpr std::uint32_t tiles = mask_sums + 8 * max_mask_sums;  // of TileSum
inline constexpr std::uint32_t max_tile_items = 1U << 15;
inline constexpr std::uint32_t size = tiles + 24 * max_tile_items;
}  // namespace arena

}  // namespace flopmeter::executed
