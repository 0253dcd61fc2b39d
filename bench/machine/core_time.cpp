#include "bench/machine/core_time.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>
#include <vector>

#include "bench/clock.h"
#include "results/system_file.h"

namespace flopmeter {
namespace {

constexpr double shortest_use = 0.2;

double own_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

// cpu user nice system idle iowait irq softirq steal guest guest_nice: guests are in user and nice
// already.
std::optional<CoreTime> core_time(const std::filesystem::path& root) {
  constexpr std::size_t idle = 4;
  constexpr std::size_t iowait = 5;
  constexpr std::size_t steal = 8;
  const std::vector<std::string> words = split(first_line(root / "proc/stat"));
  if (words.size() <= steal || words[0] != "cpu") {
    return {};
  }
  CoreTime time;
  for (std::size_t i = 1; i <= steal; ++i) {
    std::int64_t ticks = 0;
    const auto read = std::from_chars(words[i].data(), words[i].data() + words[i].size(), ticks);
    if (read.ec != std::errc()) {
      return {};
    }
    time.all += ticks;
    time.busy += i == idle || i == iowait || i == steal ? 0 : ticks;
    time.stolen = ticks;
  }
  return time;
}

std::optional<double> steal_percent(const std::optional<CoreTime>& from,
                                    const std::optional<CoreTime>& to) {
  if (!from || !to || to->all <= from->all) {
    return {};
  }
  return 100 * static_cast<double>(to->stolen - from->stolen) /
         static_cast<double>(to->all - from->all);
}

std::optional<CoreUse> core_use(const std::filesystem::path& root) {
  const std::optional<CoreTime> time = core_time(root);
  if (!time) {
    return {};
  }
  const auto ticks_a_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  return CoreUse{.wall = steady_seconds(),
                 .busy = static_cast<double>(time->busy) / ticks_a_second,
                 .own = own_seconds()};
}

std::optional<double> cores_of_others(const std::optional<CoreUse>& from,
                                      const std::optional<CoreUse>& to) {
  if (!from || !to || to->wall - from->wall < shortest_use) {
    return {};
  }
  const double others = (to->busy - from->busy) - (to->own - from->own);
  return std::max(others / (to->wall - from->wall), 0.0);
}

}  // namespace flopmeter
