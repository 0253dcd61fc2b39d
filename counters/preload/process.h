// This process as it is counted, from where it is taken over to its end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "counters/executed/shared_process.h"
#include "counters/preload/environment.h"
#include "counters/preload/regions.h"
#include "counters/preload/threads.h"

namespace flopmeter::executed {

/// What flopmeter/region.h tells by mark_call.
enum class Mark : std::uint64_t { begin, end };

class Process final : public Host {
 public:
  /// Makes the record. False: this process is not to be counted, or cannot be.
  bool load(char** environment);
  /// What the calling thread does from here on is counted.
  void take_over();

  std::uint64_t system_call(Translator& translator, const Exit& exit) override;
  void event(Translator& translator, ExitKind kind) override;
  void uncounted_from(std::uint64_t address, bool no_room) override;

  const Inheritance& inheritance() const { return inheritance_; }
  Threads& threads() { return threads_; }
  SharedProcess& record() { return *record_; }

 private:
  bool make_record(std::int32_t parent);
  void start(SharedProcess& record);
  void lose(Loss loss) { ++record_->losses[static_cast<std::size_t>(loss)]; }

  std::uint64_t create(Translator& translator, const Exit& exit);
  std::uint64_t prepare_child(Translator& translator, const Exit& exit, Counted* child);
  std::uint64_t fork(Translator& translator, const Exit& exit);
  std::uint64_t replace(Translator& translator, const Exit& exit);
  std::uint64_t leave(Translator& translator, const Exit& exit);
  bool borrows(const Translator& translator) const;
  std::uint64_t mark_region(Translator& translator, const Exit& exit);
  std::uint64_t returned(Translator& translator, const Exit& exit, long result);
  void created(Counted& self);
  void forked(Counted& self);
  static void grown(const Translation& translation);

  SharedProcess* record_ = nullptr;
  Inheritance inheritance_;
  Threads threads_{record_};
  std::optional<Translation> translation_;
  Regions regions_;
};

/// Of this process, whose last instruction is counted: it is never destroyed. It has its pages to itself, so that
/// they can be made at once.
union alignas(4096) ForEver {
  constexpr ForEver() : process() {}
  ~ForEver() {}
  Process process;
};
extern ForEver for_ever;
inline constexpr Process& process = for_ever.process;

}  // namespace flopmeter::executed
