#include "app/machine_profile.h"

#include <algorithm>
#include <set>

#include "app/generation_profile.h"
#include "app/read_file.h"
#include "app/text.h"
#include "bench/machine/cache_size.h"
#include "bench/machine/pinned_team.h"
#include "bench/profile_case.h"
#include "kernels/bad_input.h"
#include "models/chain/chain_run.h"
#include "models/plan/generation.h"
#include "models/plan/machine_model.h"
#include "results/report/text_table.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr double rate_burst = 0.05;  // seconds
constexpr int rate_bursts = 5;
constexpr double least_for_generation = 30;  // a dtype: below, language models are left out

ProfileRate measure_rate(Dtype dtype, int threads, Equipment& equipment) {
  const auto memory = equipment.memory_roof(threads);
  if (!memory) {
    bad_input("--profile: not enough memory to measure its bandwidth");
  }
  ProfileRate rate;
  const PeakLoop& peak = equipment.peak(dtype);
  std::vector<double> operations;
  std::vector<double> bytes;
  for (int i = 0; i < rate_bursts; ++i) {
    operations.push_back(peak.burst(threads, rate_burst));
    bytes.push_back(memory->burst(rate_burst));
  }
  rate.operations_per_second = median(operations);
  rate.bytes_per_second = median(bytes);
  rate.fixed_seconds = equipment.overhead("onednn", threads).value_or(0);
  rate.cache_bytes = equipment.cache_bytes();
  rate.own_cache_bytes = own_cache_bytes();
  return rate;
}

std::vector<report::Cell> setting_cells(const MachineFile& file, const ProfileRate& rate) {
  const planner::Setting setting =
      planner::setting_of(file, parse_dtype(rate.dtype), static_cast<int>(rate.threads));
  return {{rate.dtype},
          {fmt::format("{}", rate.threads)},
          {fmt::format("{:.1f}", rate.operations_per_second / 1e9)},
          {fmt::format("{:.2f}", rate.bytes_per_second / 1e9)},
          {scaled_time(rate.fixed_seconds)},
          {fmt::format("{:.0f}", static_cast<double>(rate.cache_bytes) / 1e6)},
          {fmt::format("{}", setting.points)},
          {fmt::format("{:.2f}", setting.node_within)}};
}

std::string unavailable_text(const Profile& profile) {
  std::set<std::string> lines;
  for (const ProfilePoint& point : profile.points) {
    if (!point.reason.empty()) {
      lines.insert(
          fmt::format("  unavailable: {} in {}: {}\n", point.kind, point.dtype, point.reason));
    }
  }
  std::string text;
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

}  // namespace

planner::CaseTiming time_profile_case(const Problem& problem, Dtype dtype, int threads,
                                      Equipment& equipment) {
  const std::vector<Way> ways = models::ways_of(dtype, threads);
  auto found = time_in_network(problem, ways, dtype, equipment);
  if (auto* absence = std::get_if<Unavailable>(&found)) {
    return {.reason = std::move(absence->reason)};
  }
  auto& timing = std::get<ProfileTiming>(found);
  return {.memory = std::move(timing.from_memory),
          .cache = std::move(timing.from_cache),
          .own = std::move(timing.from_own),
          .implementation = std::move(timing.implementation),
          .ran_in = std::string(to_string(timing.dtype))};
}

std::vector<int> profiled_threads(int cores) {
  std::set<int> all{1, std::max(1, cores / 2), cores};
  return {all.begin(), all.end()};
}

void measure_profile(Profile& profile, const MachineProfileOptions& options,
                     const std::function<void(const Profile&)>& save) {
  const auto cores = static_cast<int>(allowed_cores().size());
  const std::vector<int> threads =
      options.threads.empty() ? profiled_threads(cores) : options.threads;
  for (const int count : threads) {
    if (count > cores) {
      bad_input("{} threads: from 1 to {}, the cores that this process may run on", count, cores);
    }
  }
  Equipment equipment(steady_seconds);
  Progress progress;
  std::size_t done = 0;
  const planner::ProfileSource source{
      [&](Dtype dtype, int count) { return measure_rate(dtype, count, equipment); },
      [&](const Problem& problem, Dtype dtype, int count) {
        return time_profile_case(problem, dtype, count, equipment);
      },
      steady_seconds};
  planner::ProfileRequest request{.dtypes = options.dtypes, .threads = threads};
  request.seconds = options.seconds;
  request.save = save;
  request.progress = [&](const std::string& what) { progress.show(++done, 0, what); };
  fill_profile(profile, source, request);
  if (options.seconds >= least_for_generation) {
    std::vector<std::string> formats;
    for (const Dtype dtype : options.dtypes) {
      if (generation::format_named(to_string(dtype))) {
        formats.emplace_back(to_string(dtype));
      }
    }
    formats.insert(formats.end(), {"q8_0", "q4_0"});
    measure_generation(profile, formats, threads, equipment, request.progress, save);
  }
  progress.clear();
}

std::string profile_text(const MachineFile& file) {
  std::string text = fmt::format(
      "\nProfile of nodes, timed alone with activations in the caches and weights in memory, in "
      "the "
      "caches, and in a core's own.\nWithin: the factor within which {:.0f} % of the points lie of "
      "what "
      "the others say of them\n",
      100 * file.profile->level);
  report::TextTable table{.columns = {{"dtype"},
                                      {"threads", true},
                                      {"Goperation/s", true},
                                      {"GB/s", true},
                                      {"fixed", true},
                                      {"caches, MB", true},
                                      {"points", true},
                                      {"node within", true}}};
  for (const ProfileRate& rate : file.profile->rates) {
    table.rows.push_back(setting_cells(file, rate));
  }
  const std::string formats = planner::generation_formats(*file.profile);
  return text + report::to_text(table, 2) +
         (formats.empty() ? "" : fmt::format("  language models: {}\n", formats)) +
         unavailable_text(*file.profile);
}

MachineFile read_machine_file(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    bad_input("'{}' cannot be read: name a file of flopmeter machine -o", path);
  }
  try {
    return parse_machine_file(*text, path);
  } catch (const std::exception& error) {
    bad_input("'{}': {}", path, error.what());
  }
}

}  // namespace flopmeter
