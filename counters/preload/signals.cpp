#include "counters/preload/signals.h"

#include <asm/unistd_64.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

#include "counters/executed/translator/lock.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {

inline constexpr std::uint64_t most_signals = 65;

/// On the stack of the handler, by signals.S.
struct Frame {
  Context before;  // as it was when the signal came
  std::uint64_t signal;
  siginfo_t* info;
  ucontext_t* interrupted;
  std::uint64_t shown;   // where the handler sees itself come from; 0: where the kernel says
  std::uint64_t actual;  // and where that is in translated code
  std::uint64_t part;    // of a block, that is counted as if the handler did not return there
  std::int64_t part_times;
};
static_assert(sizeof(Frame) == EXECUTED_CONTEXT_END + 56);

namespace {

struct KernelAction {
  std::uint64_t handler;
  std::uint64_t flags;
  std::uint64_t restorer;
  std::uint64_t mask;
};

std::atomic<std::int64_t>* uncounted_handlers = nullptr;
std::atomic<std::int64_t>* whole_blocks = nullptr;
Mutex actions_mutex;
std::array<KernelAction, most_signals> once_actions{};  // of handlers that are to run once
std::array<bool, most_signals> informed{};  // of handlers that are to be told where they come from

std::uint64_t entry() { return reinterpret_cast<std::uint64_t>(&executed_signal_entry); }

bool is_handler(std::uint64_t handler) { return handler > 1; }  // neither default nor ignored

template <class T>
T* readable(std::uint64_t address) {
  return is_readable(address) && is_readable(address + sizeof(T) - 1)
             ? reinterpret_cast<T*>(address)
             : nullptr;
}

// Behind a system call stands where it returns to (Trace::system_call).
std::uint64_t call_returns_to(std::uint64_t translated) {
  const auto* const code = reinterpret_cast<const std::uint8_t*>(translated);
  std::uint64_t address = 0;
  if (code[0] == 0x48 && code[1] == 0xb9 && code[-1] == 0x05 && code[-2] == 0x0f)
    std::memcpy(&address, code + 2, sizeof address);
  return address;
}

}  // namespace
}  // namespace flopmeter::executed

// The handlers that the program has set, by signal; for signals.S.
extern "C" {
std::array<std::uint64_t, flopmeter::executed::most_signals> executed_handlers{};
std::uint64_t executed_signal_begin(flopmeter::executed::Frame* frame,
                                    flopmeter::executed::Context* context);
void executed_signal_end_of(flopmeter::executed::Frame* frame,
                            flopmeter::executed::Translator* translator);
}

namespace flopmeter::executed {

void count_handlers(std::atomic<std::int64_t>& uncounted, std::atomic<std::int64_t>& whole) {
  uncounted_handlers = &uncounted;
  whole_blocks = &whole;
}

long set_signal_action(const std::uint64_t* registers, bool apart) {
  const std::uint64_t signal = registers[rdi];
  const auto* const given = readable<KernelAction>(registers[rsi]);
  const bool simple = signal == 0 || signal >= executed_handlers.size() ||
                      registers[r10] != sizeof(std::uint64_t) ||
                      (registers[rsi] != 0 && given == nullptr);
  if (simple)
    return system_call(__NR_rt_sigaction, signal, registers[rsi], registers[rdx], registers[r10]);
  const Locked lock(actions_mutex);
  KernelAction action{};
  if (given != nullptr) action = *given;
  const std::uint64_t saved = executed_handlers[signal];
  if (is_handler(action.handler) && !apart) {
    executed_handlers[signal] = action.handler;
    action.handler = entry();
    action.flags |= SA_SIGINFO;  // of a fault it is to be known that it is one
  }
  KernelAction before{};
  const long result = system_call(__NR_rt_sigaction, signal,
                                  given == nullptr ? 0 : reinterpret_cast<std::uint64_t>(&action),
                                  reinterpret_cast<std::uint64_t>(&before), registers[r10]);
  if (has_failed(result)) {
    executed_handlers[signal] = saved;
    return result;
  }
  if (before.handler == entry()) {
    before.handler = saved;
    if (!informed[signal]) before.flags &= ~std::uint64_t{SA_SIGINFO};
  }
  if (given != nullptr && !apart) {
    informed[signal] = (given->flags & SA_SIGINFO) != 0;
    once_actions[signal] = (action.flags & SA_RESETHAND) != 0 ? action : KernelAction{};
  }
  if (auto* const wanted = readable<KernelAction>(registers[rdx])) *wanted = before;
  return result;
}

}  // namespace flopmeter::executed

namespace flopmeter::executed {
namespace {

// Of a fault, the handler may want to know which instruction it was.
bool is_fault(const Frame& frame) {
  constexpr std::array faults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  return std::ranges::count(faults, static_cast<int>(frame.signal)) != 0 && frame.info->si_code > 0;
}

// The handler is not called now: the kernel must not take it for called.
void wait(Frame& frame, Context& context) {
  const KernelAction& once = once_actions[frame.signal];
  if (once.handler != 0)
    system_call(__NR_rt_sigaction, frame.signal, reinterpret_cast<std::uint64_t>(&once), 0,
                sizeof(std::uint64_t));
  std::uint64_t blocked = 0;
  std::memcpy(&blocked, &frame.interrupted->uc_sigmask, sizeof blocked);
  HandlersWait::come_again(context, frame.signal, frame.info, blocked);
  std::memcpy(&frame.interrupted->uc_sigmask, &blocked, sizeof blocked);
}

std::uint64_t& executions_of(Context& context, std::uint64_t part) {
  auto* const arena = reinterpret_cast<std::uint8_t*>(&context);
  return reinterpret_cast<std::uint64_t*>(arena + arena::executions)[part];
}

void count_part(const Frame& frame, Context& context, std::int64_t times) {
  if (frame.part != 0) executions_of(context, frame.part) += static_cast<std::uint64_t>(times);
}

// The handler may go on behind the instruction, or leave the block for good: until it has returned
// there, what comes before it counts and the rest does not.
void leave_block(Frame& frame, Context& context) {
  Translation& translation = context.translator->translation();
  {
    const HandlersWait wait(context);
    const Locked lock(translation.mutex());
    const Translation::Part part = translation.part_at(frame.actual);
    frame.part = part.number;
    frame.part_times = part.times;
  }
  if (frame.part == 0) ++*whole_blocks;
  count_part(frame, context, frame.part_times);
}

void show_source(Frame& frame, Context& context) {
  const Translation& translation = context.translator->translation();
  frame.shown = call_returns_to(frame.actual);
  if (frame.shown == 0 && is_fault(frame)) {
    constexpr std::uint8_t breakpoint = 0xcc;  // which the thread has behind it
    const bool behind = frame.signal == SIGTRAP &&
                        reinterpret_cast<const std::uint8_t*>(frame.actual)[-1] == breakpoint;
    frame.shown = translation.source_of(frame.actual - (behind ? 1 : 0)) + (behind ? 1 : 0);
    // Of an instruction that is no access to memory the kernel says where it is.
    if (frame.info->si_addr == reinterpret_cast<void*>(frame.actual))
      frame.info->si_addr = reinterpret_cast<void*>(frame.shown);
    if (frame.shown != 0) leave_block(frame, context);
  }
  if (frame.shown != 0)
    frame.interrupted->uc_mcontext.gregs[REG_RIP] = static_cast<greg_t>(frame.shown);
}

}  // namespace
}  // namespace flopmeter::executed

// On the handler's stack. The handler that is to run as a guest; 0: as it is.
std::uint64_t executed_signal_begin(flopmeter::executed::Frame* frame,
                                    flopmeter::executed::Context* context) {
  using namespace flopmeter::executed;
  constexpr std::uint64_t waits = 1;
  if (context->holds_lock != 0) {
    wait(*frame, *context);
    return waits;
  }
  Translator& translator = *context->translator;
  greg_t* const registers = frame->interrupted->uc_mcontext.gregs;
  const auto stack = static_cast<std::uint64_t>(registers[REG_RSP]);
  frame->before.keeps_stack = translator.is_own_stack(stack) ? 1 : 0;
  if (frame->before.keeps_stack != 0 && !translator.use_next_stack()) {
    ++*uncounted_handlers;
    return 0;
  }
  frame->shown = 0;
  frame->part = 0;
  frame->actual = static_cast<std::uint64_t>(registers[REG_RIP]);
  if (translator.translation().holds(frame->actual)) show_source(*frame, *context);
  return executed_handlers[frame->signal];
}

// The handler has returned. Where it wants the thread to go on elsewhere, it shall.
void executed_signal_end_of(flopmeter::executed::Frame* frame,
                            flopmeter::executed::Translator* translator) {
  using namespace flopmeter::executed;
  Context* const context = &translator->context();
  greg_t& wanted = frame->interrupted->uc_mcontext.gregs[REG_RIP];
  const std::uint64_t seen = frame->shown != 0 ? frame->shown : frame->actual;
  const auto next = static_cast<std::uint64_t>(wanted);
  if (frame->before.keeps_stack != 0) translator->free_stack(frame->before.level);
  frame->before.keeps_stack = 0;
  *context = frame->before;
  if (next == seen) {
    count_part(*frame, *context, -frame->part_times);
    wanted = static_cast<greg_t>(frame->actual);
    return;
  }
  context->target = next;
  wanted = static_cast<greg_t>(reinterpret_cast<std::uint64_t>(&executed_resume));
}
