// For tests: a PMU that counts what it is told to.
#pragma once

#include <cerrno>
#include <map>
#include <set>
#include <vector>

#include "counters/retired/perf_events.h"

namespace flopmeter::retired {

class FakePerfEvents final : public PerfEvents {
 public:
  struct Times {
    std::uint64_t enabled = 1000;
    std::uint64_t running = 1000;
  };

  std::size_t counters = 8;                         // of the CPU: no group can have more events
  std::map<std::uint64_t, int> refused;             // errno by config
  std::map<std::uint64_t, std::uint64_t> interval;  // what a config counts from start to stop
  std::vector<Times> times;                         // of each group from start to stop
  std::size_t schedulable = 100;                    // a larger group opens, but never runs
  int read_error = 0;

  std::vector<perf_event_attr> opened;                      // in order
  std::vector<std::vector<std::uint64_t>> groups() const {  // configs
    std::vector<std::vector<std::uint64_t>> configs;
    for (const auto& [leader, group] : groups_) {
      configs.push_back(group.configs);
    }
    return configs;
  }
  std::size_t open_descriptors() const { return open_.size(); }

  int open(perf_event_attr& attributes, int leader) override {
    if (const auto found = refused.find(attributes.config); found != refused.end()) {
      return -found->second;
    }
    const int descriptor = next_descriptor_;
    Group& group = groups_[leader < 0 ? descriptor : leader];
    if (group.configs.size() == counters) {
      return -EINVAL;
    }
    ++next_descriptor_;
    group.configs.push_back(attributes.config);
    group.counts.push_back(0);
    open_.insert(descriptor);
    opened.push_back(attributes);
    return descriptor;
  }

  int control(int leader, unsigned long request) override {
    Group& group = groups_.at(leader);
    if (request == PERF_EVENT_IOC_ENABLE) {
      group.running_now = true;
    } else if (group.running_now) {
      group.running_now = false;
      count(group, group.configs.size() > schedulable ? Times{1000, 0} : times_of(leader));
    }
    return 0;
  }

  int read(int leader, std::span<std::uint64_t> words) override {
    if (read_error != 0) {
      return -read_error;
    }
    const Group& group = groups_.at(leader);
    std::vector<std::uint64_t> all{group.counts.size(), group.total.enabled, group.total.running};
    all.insert(all.end(), group.counts.begin(), group.counts.end());
    if (words.size() < all.size()) {
      return -ENOSPC;
    }
    std::copy(all.begin(), all.end(), words.begin());
    return static_cast<int>(all.size());
  }

  void close(int descriptor) override {
    open_.erase(descriptor);
    groups_.erase(descriptor);
  }

 private:
  struct Group {
    std::vector<std::uint64_t> configs;
    std::vector<std::uint64_t> counts;
    Times total{0, 0};
    bool running_now = false;
  };

  Times times_of(int leader) const {
    const auto place =
        static_cast<std::size_t>(std::distance(groups_.begin(), groups_.find(leader)));
    return place < times.size() ? times[place] : Times{};
  }

  void count(Group& group, Times added) {
    group.total.enabled += added.enabled;
    group.total.running += added.running;
    for (std::size_t i = 0; i < group.configs.size() && added.running > 0; ++i) {
      const auto found = interval.find(group.configs[i]);
      group.counts[i] += found == interval.end() ? 0 : found->second;
    }
  }

  std::map<int, Group> groups_;
  std::set<int> open_;
  int next_descriptor_ = 100;
};

}  // namespace flopmeter::retired
