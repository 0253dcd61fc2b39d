#include "counters/executed/translator/translator.h"

#include <cpuid.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "counters/executed/translator/trace.h"

namespace flopmeter::executed {
namespace {

constexpr std::uint32_t max_exits = 4 * arena::max_blocks;  // three a block at most
constexpr std::uint32_t max_items = 1U << 22;
constexpr std::uint32_t max_bytes = 1U << 27;
constexpr std::uint32_t max_tile_items = 1U << 16;
constexpr std::uint32_t max_neighbourhoods = 1U << 16;
constexpr std::size_t stack_bytes = 1U << 20;

// Of the registers that the operating system lets this thread use.
std::size_t xsave_bytes() {
  constexpr unsigned xsave_leaf = 0xd;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  __cpuid_count(xsave_leaf, 0, a, b, c, d);
  return b;
}

std::uint64_t stack_end_of_this_thread() {
  pthread_attr_t attributes;
  void* start = nullptr;
  std::size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  pthread_attr_getstack(&attributes, &start, &bytes);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uint64_t>(start) + bytes;
}

std::uint64_t gs_base(bool by_instruction) {
  std::uint64_t base = 0;
  constexpr long arch_get_gs = 0x1004;
  if (by_instruction)
    asm volatile("rdgsbase %0" : "=r"(base));
  else
    syscall(SYS_arch_prctl, arch_get_gs, &base);
  return base;
}

void set_gs_base(bool by_instruction, std::uint64_t base) {
  constexpr long arch_set_gs = 0x1001;
  if (by_instruction)
    asm volatile("wrgsbase %0" : : "r"(base) : "memory");
  else
    syscall(SYS_arch_prctl, arch_set_gs, base);
}

// The tables of Trace::sum_mask.
void fill_lane_tables(std::uint8_t* arena) {
  for (unsigned log2 = 0; log2 < 4; ++log2)
    for (unsigned mask = 0; mask < 256; ++mask)
      arena[arena::few_lanes + 256 * log2 + mask] =
          static_cast<std::uint8_t>(std::popcount(mask & ((1U << (1U << log2)) - 1)));
  for (unsigned mask = 0; mask < 65536; ++mask)
    arena[arena::many_lanes + mask] = static_cast<std::uint8_t>(std::popcount(mask));
}

// Asks of every page once, or a little more often: each question is a system call.
class ReadablePages {
 public:
  bool hold(std::uint64_t address, std::uint64_t length) {
    const std::uint64_t last = (address + length - 1) / page_bytes;
    for (std::uint64_t page = address / page_bytes; page <= last; ++page) {
      Answer& answer = answers_[page % answers_.size()];
      if (answer.page != page) answer = {page, is_readable(page * page_bytes)};
      if (!answer.readable) return false;
    }
    return true;
  }

 private:
  struct Answer {
    std::uint64_t page = 1;  // which holds no code
    bool readable = false;
  };
  std::array<Answer, 256> answers_;
};

std::int64_t signed_of(std::uint64_t count) { return static_cast<std::int64_t>(count); }

}  // namespace

bool has_fsgsbase() {
  constexpr unsigned long hwcap2_fsgsbase = 2;
  return (getauxval(AT_HWCAP2) & hwcap2_fsgsbase) != 0;
}

bool has_xsave() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_OSXSAVE) != 0;
}

Translator::Translator(bool use_fsgsbase, std::uint32_t max_blocks)
    : arena_(arena::size),
      stack_(stack_bytes),
      xsave_area_(xsave_bytes()),
      context_(*reinterpret_cast<Context*>(arena_.data())),
      blocks_(max_blocks),
      exits_(max_exits),
      items_(max_items),
      bytes_(max_bytes),
      tile_items_(max_tile_items),
      neighbourhoods_(max_neighbourhoods),
      use_fsgsbase_(use_fsgsbase) {
  context_.dispatcher = reinterpret_cast<std::uint64_t>(&executed_dispatch);
  context_.stack = reinterpret_cast<std::uint64_t>(stack_.data() + stack_bytes);
  context_.xsave_area = reinterpret_cast<std::uint64_t>(xsave_area_.data());
  context_.translator = this;
  fill_lane_tables(arena_.data());
  forget_all();
  enlist(*this);
}

Translator::~Translator() {
  recover();
  withdraw(*this);
}

Ending Translator::run(void (*function)(void*), void* argument) {
  recover();
  verify();
  if (thread_ != pthread_self()) {
    thread_ = pthread_self();
    stack_end_ = stack_end_of_this_thread();
  }
  ending_ = {};
  context_.unwinding = nullptr;
  gs_before_ = gs_base(use_fsgsbase_);
  const std::uint64_t arena_before = executed_arena;  // of what a signal handler has interrupted
  running_ = true;
  set_gs_base(use_fsgsbase_, reinterpret_cast<std::uint64_t>(&context_));
  executed_arena = reinterpret_cast<std::uint64_t>(&context_);
  executed_enter(function, argument);
  set_gs_base(use_fsgsbase_, gs_before_);
  executed_arena = arena_before;
  running_ = false;
  ending_.unwinding = context_.unwinding;
  events_.lost = events_.lost || !ending_.returned;
  sum_tiles();
  return ending_;
}

// The signal may have come in the middle of a translation.
void Translator::recover() {
  if (!interrupted()) return;
  set_gs_base(use_fsgsbase_, gs_before_);
  running_ = false;
  events_.lost = true;
  forget_all();
}

void Translator::continue_from(const Translator& other) {
  forgotten_ = other.totals();
  events_ = other.events_;
}

void Translator::on_exit(void (*hook)(std::uint64_t*)) { exit_hook_ = hook; }

std::uint64_t Translator::mask_sum(std::uint32_t sum) const {
  return reinterpret_cast<const std::uint64_t*>(arena_.data() + arena::mask_sums)[sum];
}

void Translator::add_totals_of(std::uint32_t number, Totals& totals) const {
  const std::int64_t times = signed_of(executions(number));
  if (times == 0) return;
  totals.instructions =
      checked_add(totals.instructions, checked_multiply(times, blocks_[number].instructions));
  for_each_item(number,
                [&](const Arithmetic& arithmetic, std::int64_t instructions, std::int64_t active,
                    std::int64_t full) { totals.add(arithmetic, instructions, active, full); });
}

Totals Translator::totals() const {
  Totals sum;
  add_totals(sum);
  return sum;
}

void Translator::add_totals(Totals& sum) const {
  sum += forgotten_;
  for (std::uint32_t i = 0; i < blocks_.size(); ++i) add_totals_of(i, sum);
}

void Translator::reset() {
  sum_tiles();
  clear_counters();
  for (TileItem& item : tile_items_) item.seen = item.executions = item.steps = 0;
  forgotten_ = {};
  events_ = {};
}

void Translator::clear_counters() {
  std::memset(arena_.data() + arena::executions, 0, 8UL * blocks_.size());
  std::memset(arena_.data() + arena::mask_sums, 0, 8UL * (mask_sums_ + 1UL));
}

const Plan& Translator::plan(std::uint64_t address) {
  plan_block(reinterpret_cast<const std::uint8_t*>(address),
             readable_bytes(address, Plan::max_bytes), address, plan_);
  return plan_;
}

std::uint32_t Translator::add_block(const Plan& plan, std::uint64_t code) {
  const bool none = plan[0].flow == Flow::unsupported;
  const std::uint64_t address = plan.address();
  Block block{.address = address,
              .code = code,
              .length = static_cast<std::uint32_t>(plan.end_address() - address),
              .bytes = bytes_.size(),
              .items = items_.size(),
              .instructions = none ? 0 : plan.size};
  std::memcpy(bytes_.end(), reinterpret_cast<const void*>(address), block.length);
  bytes_.grow(block.length);
  const std::uint32_t number = blocks_.push(block);
  table_.set(address, number);
  put_in_neighbourhood(number);
  return number;
}

void Translator::add_item(const Arithmetic& arithmetic, std::uint32_t mask_sum) {
  Block& block = blocks_[blocks_.size() - 1];
  Item* const end = items_.end();
  Item* const same = std::find_if(end - block.item_count, end, [&](const Item& item) {
    return item.arithmetic == arithmetic && item.mask_sum == mask_sum;
  });
  if (same != end) {
    ++same->times;
    return;
  }
  items_.push({arithmetic, 1, mask_sum});
  ++block.item_count;
}

void Translator::add_tile_item(const Arithmetic& arithmetic, const Tiles& tiles) {
  tile_items_.push({.arithmetic = arithmetic, .tiles = tiles, .block = blocks_.size() - 1});
}

void Translator::put_in_neighbourhood(std::uint32_t number) {
  Block& block = blocks_[number];
  const std::uint64_t where = block.address / neighbourhood_bytes;
  Neighbourhood* const found =
      std::find_if(neighbourhoods_.begin(), neighbourhoods_.end(),
                   [&](const Neighbourhood& n) { return n.number == where; });
  if (found == neighbourhoods_.end()) neighbourhoods_.push({where, 0});
  block.next = found->first;
  found->first = number;
}

std::uint64_t Translator::translate() {
  Exit& from = exits_[static_cast<std::uint32_t>(context_.exit)];
  if (from.kind == ExitKind::system_call) {
    const bool is_made = context_.registers[rax] == mark_call;
    exit_hook_(context_.registers);
    return is_made ? from.native + 2 + 10 : from.native;
  }
  Region* const region = room_for(context_.target);
  if (region == nullptr) return unsupported_at(context_.target);
  const std::uint64_t code = Trace(*this, *region).build(context_.target);
  link_from(code);
  return code;
}

// nullptr: there is none. No translated code is needed any more when it is full: whatever the guest
// returns to are its own addresses.
Region* Translator::room_for(std::uint64_t address) {
  Region* const region = cache_.near(address);
  const bool room = region != nullptr && CodeCache::region_bytes - region->used >= Trace::max_bytes;
  if (room && !is_full()) return region;
  forget_all();
  if (region == nullptr) cache_.release();
  context_.exit = 0;
  return cache_.near(address);
}

bool Translator::is_full() const {
  constexpr std::uint32_t blocks = 64;  // more than a trace has
  return blocks_.room() < blocks || exits_.room() < 4 * blocks ||
         items_.room() < 3 * blocks * Plan::max_size || bytes_.room() < blocks * Plan::max_bytes ||
         tile_items_.room() < blocks * Plan::max_size || neighbourhoods_.room() < blocks ||
         arena::max_mask_sums - mask_sums_ < 3 * blocks * Plan::max_size;
}

// The numbers of blocks, exits and sums start at 1: 0 says that there is none.
void Translator::forget_all() {
  if (blocks_.size() != 0) {
    sum_tiles();
    forgotten_ = totals();
    clear_counters();
  }
  std::memset(arena_.data() + arena::branch_tags, 0, 16UL * arena::branch_entries);
  cache_.clear();
  table_.clear();
  blocks_.clear();
  blocks_.push({});
  exits_.clear();
  exits_.push({});
  items_.clear();
  bytes_.clear();
  tile_items_.clear();
  neighbourhoods_.clear();
  mask_sums_ = 0;
}

// Code may have been changed or unmapped while no guest ran.
void Translator::verify() {
  ReadablePages pages;
  for (Neighbourhood& place : neighbourhoods_)
    kill_if(place, [&](const Block& block) {
      return block.length == 0 || !pages.hold(block.address, block.length) || !is_unchanged(block);
    });
}

bool Translator::is_unchanged(const Block& block) const {
  return std::memcmp(reinterpret_cast<const void*>(block.address), bytes_.begin() + block.bytes,
                     block.length) == 0;
}

}  // namespace flopmeter::executed

thread_local constinit std::uint64_t executed_arena = 0;

std::uint64_t executed_translate(flopmeter::executed::Translator* translator) {
  return translator->translate();
}
