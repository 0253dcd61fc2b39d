#include "results/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "results/build_info.h"
#include "results/cgroup.h"
#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;

constexpr std::string_view cpuinfo =
    "processor\t: 0\n"
    "vendor_id\t: GenuineIntel\n"
    "cpu family\t: 6\n"
    "model\t\t: 143\n"
    "model name\t: Intel(R) Xeon(R) Platinum 8480+\n"
    "stepping\t: 8\n"
    "flags\t\t: fpu sse4_2 avx fma avx2 avx512f avx512_vnni amx_tile amx_bf16 sse4_2_like\n"
    "\n"
    "processor\t: 1\n"
    "model name\t: another\n";

class FakeMachine : public testing::Test {
 protected:
  FakeMachine() {
    root.write("proc/cpuinfo", cpuinfo);
    root.write("proc/self/status", "Name:\tflopmeter\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n");
    root.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    root.write("sys/devices/system/cpu/online", "0-5,8,10-11\n");
  }

  TemporaryDirectory root;
};

// Prevents a record of a machine other than the one that was measured: a model name cut at a wrong
// colon, the second core's line, or flags found inside of longer ones.
TEST_F(FakeMachine, IsReadFromItsFiles) {
  const Environment found = measure_environment({{"oneDNN", "2.6.3"}}, root.path());
  EXPECT_EQ(found.schema, 1);
  EXPECT_EQ(found.version, build_info().version);
  EXPECT_EQ(found.cpu, "Intel(R) Xeon(R) Platinum 8480+");
  EXPECT_EQ(found.cpu_id, "GenuineIntel-6-143-8");
  EXPECT_THAT(found.isa, ElementsAre("sse4_2", "avx", "fma", "avx2", "avx512f", "avx512_vnni",
                                     "amx_bf16", "amx_tile"));
  EXPECT_EQ(found.online_cores, 9);  // 6 + 1 + 2
  EXPECT_EQ(found.affinity_cores, 4);
  EXPECT_EQ(found.kernel, "6.1.0-18-amd64");
  EXPECT_EQ(found.hypervisor, "");
  EXPECT_THAT(found.libraries, ElementsAre(std::pair("oneDNN", "2.6.3")));
}

// Prevents "0 cores" and invented quotas where nothing can be read: absence must stay absence.
TEST(Environment, OfAMachineThatShowsNothing) {
  const TemporaryDirectory root;
  const Environment found = measure_environment({}, root.path());
  EXPECT_EQ(found.cpu, "");
  EXPECT_EQ(found.cpu_id, "");
  EXPECT_TRUE(found.isa.empty());
  EXPECT_EQ(found.online_cores, std::nullopt);
  EXPECT_EQ(found.affinity_cores, std::nullopt);
  EXPECT_EQ(found.quota_cores, std::nullopt);
  EXPECT_EQ(found.governor, "");
}

// Prevents that two cores of one machine at different clocks pass for one governor.
TEST_F(FakeMachine, NamesEveryGovernorOnce) {
  for (const auto& [core, governor] :
       {std::pair("cpu0", "powersave\n"), {"cpu1", "performance\n"}, {"cpu2", "powersave\n"}}) {
    root.write(std::string("sys/devices/system/cpu/") + core + "/cpufreq/scaling_governor",
               governor);
  }
  EXPECT_EQ(measure_environment({}, root.path()).governor, "performance,powersave");
}

// Prevents that times of a virtual machine pass for those of the bare one.
TEST_F(FakeMachine, HypervisorIsSeen) {
  root.write("proc/cpuinfo", "flags : sse4_2 hypervisor\n");
  EXPECT_EQ(measure_environment({}, root.path()).hypervisor, "unknown");
  root.write("sys/hypervisor/type", "xen\n");
  EXPECT_EQ(measure_environment({}, root.path()).hypervisor, "xen");
}

// Prevents that a limited oneDNN or OpenMP cannot be told from an unlimited one.
TEST_F(FakeMachine, VariablesThatAreSetAreKept) {
  setenv("DNNL_MAX_CPU_ISA", "AVX2", 1);
  const Environment limited = measure_environment({}, root.path());
  unsetenv("DNNL_MAX_CPU_ISA");
  const Environment unlimited = measure_environment({}, root.path());
  EXPECT_THAT(limited.variables, testing::Contains(std::pair("DNNL_MAX_CPU_ISA", "AVX2")));
  EXPECT_THAT(unlimited.variables,
              testing::Not(testing::Contains(std::pair("DNNL_MAX_CPU_ISA", "AVX2"))));
  EXPECT_NE(fingerprint(limited), fingerprint(unlimited));
}

// Prevents a scaling study of "64 threads" in a container of 2.5 cores.
TEST(CgroupQuota, Version2) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "0::/user.slice/run\n");
  root.write("sys/fs/cgroup/user.slice/run/cpu.max", "250000 100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 2.5);
}

// Prevents that the limit of an enclosing group is overlooked, or "max" is read as zero.
TEST(CgroupQuota, TheTightestGroupCounts) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "0::/a/b/c\n");
  root.write("sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n");
  root.write("sys/fs/cgroup/a/cpu.max", "150000 50000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 3.0);
}

// Prevents that a version 1 container, which is told its path outside, seems unlimited; the limits
// of other controllers' directories are not CPU time.
TEST(CgroupQuota, Version1) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n3:cpuset:/\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 0.5);
}

// Prevents a limit of -0.00001 cores: -1 is version 1's word for none.
TEST(CgroupQuota, Version1WithoutLimit) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "4:cpu:/\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), std::nullopt);
}

// Prevents that --resume takes up rows of another machine, build or setting: every field counts.
TEST(Fingerprint, ChangesWithEveryField) {
  std::set<std::string> seen{fingerprint(Environment{})};
  for (const EnvironmentField& field : environment_fields()) {
    Environment changed;
    std::visit(
        [&](auto member) {
          auto& value = changed.*member;
          using Value = std::remove_reference_t<decltype(value)>;
          if constexpr (requires { value.resize(1); }) {
            value.resize(1);
          } else {
            value = Value(7);
          }
        },
        field.member);
    EXPECT_TRUE(seen.insert(fingerprint(changed)).second) << field.key;
  }
  EXPECT_EQ(seen.size(), environment_fields().size() + 1);
}

// Prevents a fingerprint that differs from run to run or between machines. The hash is FNV-1a of
// the JSON line, worked out independently.
TEST(Fingerprint, IsTheSameEverywhere) {
  Environment environment;
  environment.cpu = "AMD EPYC";
  EXPECT_EQ(fingerprint(environment), "5be98315ebd49786");
}

// Prevents that a reader cannot tell "none" from a line that is missing.
TEST(Describe, OneLineAField) {
  Environment environment;
  environment.cpu = "AMD EPYC";
  environment.isa = {"avx2", "fma"};
  environment.quota_cores = 2.5;
  environment.libraries = {{"oneDNN", "2.6.3"}, {"Eigen", "3.4.0"}};
  const std::string text = describe(environment);
  EXPECT_THAT(text, testing::StartsWith("schema         1\nflopmeter      -\n"));
  EXPECT_THAT(text, testing::HasSubstr("libraries      oneDNN 2.6.3, Eigen 3.4.0\n"));
  EXPECT_THAT(text, testing::HasSubstr("ISA            avx2, fma\n"));
  EXPECT_THAT(text, testing::HasSubstr("cgroup quota   2.500\n"));
}

}  // namespace
}  // namespace flopmeter
