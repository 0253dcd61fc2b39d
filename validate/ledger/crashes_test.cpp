#include "validate/ledger/crashes.h"

#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "validate/ledger/ledger.h"

namespace flopmeter::crashes {
namespace {

using testing::ElementsAre;

/// Runs a case that dies of the signal, unless it is known to.
bool survived(std::string_view name, int signal) {
  if (crash_of(name).empty()) {
    const Running running(name);
    raise(signal);
  }
  return crash_of(name) != "";
}

TEST(Crashes, CostTheirCase) {
  EXPECT_EQ(in_children([] {
              come_back_here();
              const bool first = survived("first", SIGSEGV);
              come_back_here();
              const bool both = survived("second", SIGABRT) && survived("third", SIGFPE);
              return first && both ? 7 : 1;
            }),
            7);
  EXPECT_EQ(crash_of("first"), "") << "the parent knows nothing of it";
}

TEST(Crashes, AreThoseOfTheThreadAtFault) {
  EXPECT_EQ(in_children([] {
              come_back_here();
              const Running innocent("innocent");
              std::thread([] { survived("guilty", SIGILL); }).join();
              return crash_of("guilty") == "SIGILL (Illegal instruction)" &&
                             crash_of("innocent").empty()
                         ? 0
                         : 1;
            }),
            0);
}

TEST(Crashes, OutsideOfCasesEndTheProgram) {
  EXPECT_EXIT(in_children([] {
                come_back_here();
                raise(SIGSEGV);
                return 0;
              }),
              testing::KilledBySignal(SIGSEGV), "");
}

TEST(Crashes, PassExitCodesOn) {
  EXPECT_EQ(in_children([] { return 3; }), 3);
  EXPECT_EQ(in_children([] {
              come_back_here();
              come_back_here();
              come_back_here();
              return 4;
            }),
            4);
}

/// A layer one of whose backends fails on one shape.
AnyLayer failing(const std::function<void()>& fail) {
  AnyLayer layer = find_layer("linear");
  layer.backends[1].prepare = [fail, sound = layer.backends[1].prepare](
                                  const Values& v, const flopmeter::Setup& setup,
                                  Tensors<float>& tensors) {
    if (v[1] == 3) {
      fail();
    }
    return sound(v, setup, tensors);
  };
  return layer;
}

std::vector<std::string> lines_of(const AnyLayer& layer, std::string_view shape) {
  constexpr std::array f32{Dtype::f32};
  const ProblemLedger ledger = examine(parse_problem(layer, shape), Pass::forward, f32);
  return ledger.entries[1].disagreements;
}

TEST(Examine, NamesTheCaseThatThrows) {
  const AnyLayer layer = failing([] { throw std::runtime_error("planted"); });
  EXPECT_THAT(lines_of(layer, "mb1ic3oc2"), ElementsAre("failed: planted"));
  EXPECT_THAT(lines_of(layer, "mb1ic2oc2"), ElementsAre());
}

TEST(Examine, NamesTheCaseThatCrashes) {
  const AnyLayer layer = failing([] { raise(SIGSEGV); });
  EXPECT_EQ(in_children([&] {
              come_back_here();
              const auto lines = lines_of(layer, "mb1ic3oc2");
              return lines == std::vector<std::string>{"crashed: SIGSEGV (Segmentation fault)"} &&
                             lines_of(layer, "mb1ic2oc2").empty()
                         ? 0
                         : 1;
            }),
            0);
}

}  // namespace
}  // namespace flopmeter::crashes
