#include "counters/executed/counter.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>
#include <unwind.h>

#include <exception>

#include "counters/executed/hot_spots.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

// The guest's side of a call. What is thrown is caught here, before it would unwind the frames of
// the counter, which are not those of the guest. What unwinds a thread that ends cannot be caught.
struct Call {
  void (*function)(void*);
  void* argument;
  std::exception_ptr thrown = nullptr;

  static void run(void* self) {
    auto& call = *static_cast<Call*>(self);
    try {
      call.function(call.argument);
    } catch (abi::__forced_unwind&) {
      throw;
    } catch (...) {
      call.thrown = std::current_exception();
    }
  }
};

// By what `flopmeter exec` preloads, which has the register that this counter would need.
bool is_counted_by_exec() {
  const auto ask = reinterpret_cast<bool (*)()>(dlsym(RTLD_DEFAULT, "flopmeter_thread_is_counted"));
  return ask != nullptr && ask();
}

std::string uncountable_text(std::uint64_t address) {
  char text[128];
  text_at(address, text, sizeof text);
  return fmt::format("cannot count '{}' at {:#x}", text, address);
}

void check(const Ending& ending) {
  if (ending.unsupported != 0) throw Uncountable(uncountable_text(ending.unsupported));
  if (ending.left) throw Uncountable("the counted code left its function by a jump");
  if (!ending.returned)
    throw Uncountable("a signal handler jumped into the counted code, which then ran uncounted");
}

}  // namespace

std::string why_unavailable() {
  if (is_counted_by_exec()) return "'flopmeter exec' counts this program already";
  return has_xsave() ? "" : "this CPU or operating system has no xsave";
}

class Counter::Implementation {
 public:
  /// What was counted before a fork is kept; but its translated code is shared with the parent.
  static std::unique_ptr<Implementation> after_fork(const Implementation& before) {
    auto result = std::make_unique<Implementation>();
    result->translator.continue_from(before.translator);
    return result;
  }
  Implementation() = default;
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;
  ~Implementation() {
    if (translator.interrupted()) admit_cancellation();
  }
  bool is_of_this_process() const { return process == getpid(); }

  // A blocking call is cancelled by a signal handler, which cannot unwind translated code.
  void hold_cancellation() {
    const bool interrupted = translator.interrupted();
    int before = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    if (!interrupted) cancellation = before;
  }
  void admit_cancellation() const { pthread_setcancelstate(cancellation, nullptr); }

  Translator translator{has_fsgsbase()};
  pid_t process = getpid();
  int cancellation = PTHREAD_CANCEL_ENABLE;  // as it was before the latest run
};

Counter::Counter() {
  if (const std::string reason = why_unavailable(); !reason.empty())
    throw std::runtime_error("executed instructions cannot be counted: " + reason);
  implementation_ = std::make_unique<Implementation>();
}
Counter::~Counter() = default;
Counter::Counter(Counter&&) noexcept = default;
Counter& Counter::operator=(Counter&&) noexcept = default;

void Counter::run(void (*function)(void*), void* argument) {
  const bool forked = !implementation_->is_of_this_process();
  // The child of a counted function is no guest any more, but still its run.
  if (executed_is_guest() || (forked && implementation_->translator.running()))
    throw std::logic_error("a counted function started to count");
  if (forked) implementation_ = Implementation::after_fork(*implementation_);
  Call call{function, argument};
  implementation_->hold_cancellation();
  const Ending ending = implementation_->translator.run(&Call::run, &call);
  implementation_->admit_cancellation();
  if (ending.unwinding != nullptr) _Unwind_Resume(ending.unwinding);
  // A child that was forked meanwhile comes here too, uncounted.
  if (implementation_->is_of_this_process()) check(ending);
  if (call.thrown) std::rethrow_exception(call.thrown);
}

Totals Counter::totals() const { return implementation_->translator.totals(); }

Remarks Counter::remarks() const {
  const Events& events = implementation_->translator.events();
  return {static_cast<std::int64_t>(events.threads_created),
          static_cast<std::int64_t>(events.processes_created), events.repeated, events.lost};
}

std::vector<HotSpot> Counter::hot_spots() const {
  return executed::hot_spots(implementation_->translator);
}

void Counter::reset() { implementation_->translator.reset(); }

}  // namespace flopmeter::executed
