#include "bench/bench_case.h"

#include <array>
#include <set>

#include "bench/filter.h"

namespace flopmeter {
namespace {

constexpr std::array<std::string_view, 2> caches{"warm", "cold"};

std::vector<std::string_view> chosen_backends(const AnyLayer& layer, const BenchGrid& grid) {
  std::vector<std::string_view> names;
  for (const std::string& name : grid.backends) {
    names.push_back(layer.backend(name).name);
  }
  for (const AnyBackend& backend : layer.backends) {
    if (grid.backends.empty() && backend.kind != BackendKind::definition) {
      names.push_back(backend.name);
    }
  }
  return names;
}

void check_threads(std::span<const int> threads, int cores) {
  for (const int count : threads) {
    if (count < 1 || count > cores) {
      bad_input("{} threads: must be from 1 to {}, the cores that this process may use", count,
                cores);
    }
  }
}

/// Collects what passes the filter and is not there yet.
class Collection {
 public:
  explicit Collection(const std::string& filter) : filter_(filter) {}

  void add(const BenchCase& what) {
    const std::string name = what.name();
    if (filter_.passes(name, what.subject.problem.label) && names_.insert(name).second) {
      cases_.push_back(what);
    }
  }

  std::vector<BenchCase> take() { return std::move(cases_); }

 private:
  Filter filter_;
  std::set<std::string> names_;
  std::vector<BenchCase> cases_;
};

void add_case(Collection& cases, const Case& subject, const BenchGrid& grid) {
  const std::vector<Arrangement> wanted =
      grid.arrangements.empty() ? usual_arrangements(subject) : grid.arrangements;
  for (const int threads : grid.threads) {
    for (const Cache cache : grid.caches) {
      for (const Arrangement arrangement : wanted) {
        cases.add({subject, threads, cache, arrangement});
      }
    }
  }
}

void add_pass(Collection& cases, const Problem& problem, Pass pass, const BenchGrid& grid) {
  for (const std::string_view backend : chosen_backends(*problem.layer, grid)) {
    for (const Dtype dtype : grid.dtypes) {
      add_case(cases, {problem, pass, backend, dtype}, grid);
    }
  }
}

void add_problem(Collection& cases, const Problem& problem, const BenchGrid& grid) {
  for (const Pass pass : grid.passes) {
    if (problem.layer->has(pass)) {
      add_pass(cases, problem, pass, grid);
    }
  }
}

/// Word for the shell: matmul and conv2d shapes need no quoting, but nobody knows the next layer.
std::string quoted(const std::string& word) {
  return word.find_first_of(" \"'$&|;<>()*?[]#~\\") == std::string::npos ? word : "'" + word + "'";
}

}  // namespace

std::string_view to_string(Cache cache) { return caches.at(static_cast<std::size_t>(cache)); }

Cache parse_cache(std::string_view name) {
  for (const Cache cache : {Cache::warm, Cache::cold}) {
    if (to_string(cache) == name) {
      return cache;
    }
  }
  bad_input("unknown cache '{}': warm or cold", name);
}

std::string BenchCase::arranged_name() const {
  const bool own = arrangement == Arrangement::own;
  return subject.name() + (own ? "" : fmt::format("/layout:{}", to_string(arrangement)));
}

std::string BenchCase::name() const {
  std::string text = arranged_name();
  text += threads != 1 ? fmt::format("/threads:{}", threads) : "";
  text += cache != Cache::warm ? fmt::format("/cache:{}", to_string(cache)) : "";
  return text;
}

std::vector<BenchCase> bench_cases(const BenchGrid& grid, int cores) {
  check_threads(grid.threads, cores);
  Collection collection(grid.filter);
  for (const Problem& problem : grid.problems) {
    add_problem(collection, problem, grid);
  }
  std::vector<BenchCase> cases = collection.take();
  if (cases.empty()) {
    if (grid.filter.empty() && !grid.problems.empty()) {
      grid.problems.front().layer->require(grid.passes.front());
    }
    bad_input("no case matches '{}': see flopmeter list --cases", grid.filter);
  }
  return cases;
}

std::string command(const BenchCase& what, std::span<const std::string> benchmark_flags) {
  const Case& subject = what.subject;
  std::string text =
      fmt::format("flopmeter bench --layer={} --shape={} --backend={}", subject.problem.layer->name,
                  quoted(subject.problem.shape()), subject.backend);
  text += subject.pass != Pass::forward ? fmt::format(" --pass={}", to_string(subject.pass)) : "";
  text += subject.dtype != Dtype::f32 ? fmt::format(" --dtype={}", to_string(subject.dtype)) : "";
  text += what.threads != 1 ? fmt::format(" --threads={}", what.threads) : "";
  text += what.cache != Cache::warm ? fmt::format(" --cache={}", to_string(what.cache)) : "";
  text += what.arrangement != Arrangement::own
              ? fmt::format(" --layout={}", to_string(what.arrangement))
              : "";
  for (const std::string& flag : benchmark_flags) {
    text += " " + quoted(flag);
  }
  return text;
}

}  // namespace flopmeter
