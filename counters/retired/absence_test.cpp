#include "counters/retired/absence.h"

#include <gtest/gtest.h>

#include "counters/retired/fake_perf_events.h"
#include "counters/retired/fake_root.h"

namespace flopmeter::retired {
namespace {

/// The reason on a machine that refuses its instruction counter.
std::string absence_after(int error, const FakeRoot& root) {
  FakePerfEvents events;
  events.refused[PERF_COUNT_HW_INSTRUCTIONS] = error;
  return absence(events, root.path());
}

TEST(RetiredAbsence, IsEmptyWhereEventsOpen) {
  FakePerfEvents events;
  EXPECT_EQ(absence(events, "/nonexistent"), "");
  EXPECT_EQ(events.opened.size(), 1);
  EXPECT_EQ(events.open_descriptors(), 0);
}

TEST(RetiredAbsence, NamesAMachineWithoutAPmu) {
  const FakeRoot root;
  EXPECT_EQ(absence_after(ENOENT, root), "this machine exposes no performance events");
  root.add_device("cpu", 4);
  EXPECT_EQ(absence_after(ENOENT, root), "this CPU's PMU has no such event (ENOENT)");
}

TEST(RetiredAbsence, NamesTheSysctlThatForbids) {
  const FakeRoot root;
  root.write("proc/sys/kernel/perf_event_paranoid", "4\n");
  EXPECT_EQ(absence_after(EACCES, root),
            "kernel.perf_event_paranoid is 4: sysctl kernel.perf_event_paranoid=2 permits it");
  EXPECT_EQ(absence_after(EPERM, root), absence_after(EACCES, root));
}

TEST(RetiredAbsence, BlamesAContainerWhereTheSysctlPermits) {
  const FakeRoot root;
  EXPECT_EQ(absence_after(EPERM, root),
            "not permitted (EPERM) though kernel.perf_event_paranoid is unreadable: a container's "
            "seccomp profile or a security module forbids it");
  root.write("proc/sys/kernel/perf_event_paranoid", "2\n");
  EXPECT_EQ(absence_after(EACCES, root),
            "not permitted (EACCES) though kernel.perf_event_paranoid is 2: a container's seccomp "
            "profile or a security module forbids it");
}

TEST(RetiredAbsence, NamesEveryOtherFailure) {
  const FakeRoot root;
  EXPECT_EQ(absence_after(ENOSYS, root), "this kernel or sandbox has no perf_event_open");
  EXPECT_EQ(absence_after(EOPNOTSUPP, root), "the CPU's PMU does not do this (EOPNOTSUPP)");
  EXPECT_EQ(absence_after(ENODEV, root), "the CPU's PMU does not do this (ENODEV)");
  EXPECT_EQ(absence_after(EINVAL, root), "this kernel does not take the event (EINVAL)");
  EXPECT_EQ(absence_after(EBUSY, root), "another user holds the CPU's counters (EBUSY)");
  EXPECT_EQ(absence_after(EMFILE, root), "too many open files: raise ulimit -n");
  EXPECT_EQ(absence_after(ENOMEM, root), "perf_event_open: Cannot allocate memory");
}

}  // namespace
}  // namespace flopmeter::retired
