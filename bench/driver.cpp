#include "bench/driver.h"

#include "bench/reporter.h"
#include "bench/session.h"

namespace flopmeter {
namespace {

/// The registry is global: it is left empty, whatever happens.
struct Registration {
  explicit Registration(Session& session) { session.register_cases(); }
  ~Registration() { benchmark::ClearRegisteredBenchmarks(); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
};

}  // namespace

void run_cases(std::span<const BenchCase> cases, const BenchmarkFlags& flags, const Sink& sink,
               const Clock& clock) {
  flags.hand_over();
  Session session(cases, flags, sink, clock);
  const Registration registration(session);
  Reporter reporter(session, make_display(flags.value("benchmark_format")));
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) {
    bad_input("no case matches --benchmark_filter={}", flags.value("benchmark_filter"));
  }
}

}  // namespace flopmeter
