#include "bench/machine/steal.h"

#include <charconv>
#include <string>
#include <vector>

#include "results/system_file.h"

namespace flopmeter {

// cpu user nice system idle iowait irq softirq steal guest guest_nice: guests are in user and nice
// already.
std::optional<CoreTime> core_time(const std::filesystem::path& root) {
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

}  // namespace flopmeter
