#include "counters/executed/translator/translator.h"

#include <cpuid.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <csignal>
#include <cstring>
#include <new>

#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

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

// Of this thread, for handlers that asked for it.
bool is_signal_stack(std::uint64_t stack) {
  stack_t known{};
  system_call(SYS_sigaltstack, 0, reinterpret_cast<std::uint64_t>(&known));
  return stack - reinterpret_cast<std::uint64_t>(known.ss_sp) <= known.ss_size;
}

// The table of Trace::sum_mask.
void fill_lane_table(std::uint8_t* arena) {
  for (unsigned log2 = 0; log2 < 4; ++log2)
    for (unsigned mask = 0; mask < 256; ++mask)
      arena[arena::few_lanes + 256 * log2 + mask] =
          static_cast<std::uint8_t>(std::popcount(mask & ((1U << (1U << log2)) - 1)));
}

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
    : own_translation_(std::make_unique<Translation>(Translation::Scope::function, max_blocks)),
      translation_(*own_translation_),
      own_arena_(arena::size),
      context_(reinterpret_cast<Context*>(own_arena_->data())),
      forgotten_(std::make_unique<Totals>()),
      use_fsgsbase_(use_fsgsbase) {
  prepare_context();
}

Translator::Translator(bool use_fsgsbase, Translation& translation, Host& host, std::uint8_t* arena)
    : translation_(translation),
      host_(&host),
      context_(reinterpret_cast<Context*>(arena)),
      use_fsgsbase_(use_fsgsbase) {
  prepare_context();
}

Translator::~Translator() {
  recover();
  for (std::uint8_t* const stack : stacks_)
    if (stack != nullptr) unmap_pages(stack, dispatcher_stack::bytes);
}

void Translator::prepare_context() {
  auto* const arena = reinterpret_cast<std::uint8_t*>(context_);
  context_->dispatcher = reinterpret_cast<std::uint64_t>(&executed_dispatch);
  context_->mismatch = reinterpret_cast<std::uint64_t>(&executed_dispatch_mismatch);
  context_->magic = arena::magic;
  if (!set_stack(0)) throw std::bad_alloc();
  context_->translator = this;
  fill_lane_table(arena);
}

// The area for the registers lies above the stack.
bool Translator::set_stack(std::uint64_t level) {
  constexpr std::size_t line = 64;
  static const std::size_t area = (xsave_bytes() + line - 1) / line * line;
  std::uint64_t unused = 0;
  std::uint8_t*& stack = stacks_[level];
  if (stack == nullptr) stack = private_pages(dispatcher_stack::bytes, unused);
  if (stack == nullptr) return false;
  context_->level = level;
  context_->stack = reinterpret_cast<std::uint64_t>(stack + dispatcher_stack::bytes - area);
  context_->xsave_area = context_->stack;
  return true;
}

std::uint64_t Translator::level_of(std::uint64_t stack) const {
  std::uint64_t level = 0;
  while (level < dispatcher_stack::levels && stacks_[level] != nullptr &&
         stack - reinterpret_cast<std::uint64_t>(stacks_[level]) >= dispatcher_stack::bytes)
    ++level;
  return level < dispatcher_stack::levels && stacks_[level] != nullptr ? level
                                                                       : dispatcher_stack::levels;
}

bool Translator::use_next_stack() {
  const std::uint64_t now = context_->level;
  kept_stacks_[now] = context_->registers[rsp];
  if (set_free_stack()) return true;
  forget_left_handlers();
  if (set_free_stack()) return true;
  kept_stacks_[now] = 0;
  return false;
}

// So many have not returned. Those within which the guest is stand on one another's stacks; the others
// never will, unless the guest is where nobody knows what it has come from.
void Translator::forget_left_handlers() {
  std::array<std::uint64_t, dispatcher_stack::levels> kept{};
  std::uint64_t level = context_->level;
  while (level < dispatcher_stack::levels && kept[level] == 0) {
    const std::uint64_t guest_stack = kept_stacks_[level];
    kept[level] = guest_stack;
    if (is_signal_stack(guest_stack)) return;
    level = level_of(guest_stack);
  }
  kept_stacks_ = kept;
}

bool Translator::set_free_stack() {
  for (std::uint64_t level = 0; level < dispatcher_stack::levels; ++level)
    if (kept_stacks_[level] == 0 && set_stack(level)) return true;
  return false;
}

void Translator::forget_handlers() {
  kept_stacks_ = {};
  set_stack(0);
}

void Translator::copy_state_to(Translator& child) const {
  for (int i = 0; i < 16; ++i) child.context_->registers[i] = context_->registers[i];
  child.context_->flags = context_->flags;
  child.context_->target = context_->target;
}

Ending Translator::run(void (*function)(void*), void* argument) {
  recover();
  translation_.verify();
  if (thread_ != pthread_self()) {
    thread_ = pthread_self();
    stack_end_ = stack_end_of_this_thread();
  }
  ending_ = {};
  context_->unwinding = nullptr;
  gs_before_ = gs_base(use_fsgsbase_);
  const std::uint64_t arena_before = executed_arena;  // of what a signal handler has interrupted
  running_ = true;
  set_gs(reinterpret_cast<std::uint64_t>(context_));
  executed_arena = reinterpret_cast<std::uint64_t>(context_);
  executed_enter(function, argument);
  set_gs(gs_before_);
  executed_arena = arena_before;
  running_ = false;
  ending_.unwinding = context_->unwinding;
  events_.lost = events_.lost || !ending_.returned;
  sum_tiles();
  return ending_;
}

void Translator::set_gs(std::uint64_t base) const { set_gs_base(use_fsgsbase_, base); }

void Translator::recover() {
  if (!interrupted()) return;
  set_gs(gs_before_);
  running_ = false;
  events_.lost = true;
  forget_all();
}

void Translator::continue_from(const Translator& other) {
  *forgotten_ = other.totals();
  events_ = other.events();
}

Events Translator::events() const {
  Events events = events_;
  events.repeated = events.repeated || translation_.repeated();
  return events;
}

void Translator::add_totals_of(std::uint32_t number, Totals& totals) const {
  executed::add_totals_of(translation_.contents(), translation_.items(), translation_.tile_items(),
                          CounterView::of(reinterpret_cast<const std::uint8_t*>(context_)), number,
                          totals);
}

Totals Translator::totals() const {
  Totals sum;
  add_totals(sum);
  return sum;
}

void Translator::add_totals(Totals& sum) const {
  if (forgotten_ != nullptr) sum += *forgotten_;
  for (std::uint32_t i = 1; i < blocks().size(); ++i) add_totals_of(i, sum);
}

void Translator::reset() {
  sum_tiles();
  clear_counters();
  *forgotten_ = {};
  events_ = {};
  translation_.forget_repeated();
}

void Translator::clear_counters() {
  auto* const arena = reinterpret_cast<std::uint8_t*>(context_);
  std::memset(arena + arena::executions, 0, 8UL * blocks().size());
  std::memset(arena + arena::mask_sums, 0, 8UL * (translation_.mask_sum_count() + 1UL));
  std::memset(arena + arena::tiles, 0, sizeof(TileSum) * translation_.tile_items().size());
}

std::uint64_t Translator::translate() {
  const Exit& from = translation_.exit(static_cast<std::uint32_t>(context_->exit));
  if (from.kind == ExitKind::system_call) return host_->system_call(*this, from);
  if (from.kind != ExitKind::indirect && from.kind < ExitKind::direct)
    host_->event(*this, from.kind);
  const std::uint64_t target = context_->target;
  std::uint32_t block = host_ == nullptr ? translation_.translate(target, comes_by_branch())
                                         : translate_of_process(target);
  // No translated code is needed any more when it is full: whatever the guest returns to are its
  // own addresses.
  if (block == AddressTable::none && own_translation_ != nullptr) {
    forget_all();
    context_->exit = EXECUTED_EXIT_INDIRECT;
    block = translation_.translate(target, true);
  }
  return block == AddressTable::none ? unsupported_at(target, true) : arrive_at(block);
}

// This thread's signals find its context.
std::uint32_t Translator::translate_of_process(std::uint64_t target) {
  const HandlersWait wait(*context_);
  translation_.mutex().lock();
  const std::uint32_t block = translation_.translate_locked(target, comes_by_branch());
  translation_.mutex().unlock();
  return block;
}

void Translator::forget_all() {
  sum_tiles();
  *forgotten_ = totals();
  clear_counters();
  translation_.forget_all();
}

}  // namespace flopmeter::executed

thread_local constinit std::uint64_t executed_arena = 0;

std::uint64_t executed_translate(flopmeter::executed::Translator* translator) {
  return translator->translate();
}
