#include "models/plan/candidate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace flopmeter::planner {
namespace {

constexpr double seconds_an_hour = 3600;

/// The smaller the better, in this order.
std::array<double, 3> order_of(const Candidate& candidate, const Target& target) {
  const double cost = candidate.per_million().value_or(std::numeric_limits<double>::infinity());
  const double speed =
      target.throughput > 0 ? candidate.prediction.seconds : 1 / candidate.per_second();
  return {static_cast<double>(meets(candidate, target)), cost, speed};
}

bool beats(const Candidate& a, const Candidate& b) {
  const double cost_a = *a.per_million();
  const double cost_b = *b.per_million();
  return a.prediction.seconds <= b.prediction.seconds && cost_a <= cost_b &&
         (a.prediction.seconds < b.prediction.seconds || cost_a < cost_b);
}

/// The one thing in which they differ; empty where that is not one.
std::string difference(const Candidate& a, const Candidate& b) {
  std::vector<std::string> all;
  if (a.threads != b.threads) {
    all.push_back(fmt::format("threads {} -> {}", a.threads, b.threads));
  }
  if (a.batch != b.batch) {
    all.push_back(fmt::format("batch {} -> {}", a.batch, b.batch));
  }
  if (type_name(a) != type_name(b)) {
    all.push_back(fmt::format("dtype {} -> {}", type_name(a), type_name(b)));
  }
  return all.size() == 1 ? all.front() : "";
}

/// A number above 0 in front of a unit.
std::optional<double> number_before(std::string_view text, std::string_view unit) {
  if (!text.ends_with(unit)) {
    return std::nullopt;
  }
  text.remove_suffix(unit.size());
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) && value > 0 ? std::optional(value) : std::nullopt;
}

struct Unit {
  std::string_view name;
  double seconds;
};
// Those that end in others first.
constexpr std::array<Unit, 4> units{{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};

}  // namespace

std::string type_name(const Candidate& candidate) {
  return candidate.stored.empty() ? std::string(to_string(candidate.dtype)) : candidate.stored;
}

std::optional<double> Candidate::per_million() const {
  return price_per_hour ? std::optional(*price_per_hour / seconds_an_hour / per_second() * 1e6)
                        : std::nullopt;
}

std::string_view to_string(Meets meets) {
  constexpr std::array<std::string_view, 3> names{"yes", "likely", "no"};
  return names.at(static_cast<std::size_t>(meets));
}

Meets meets(const Candidate& candidate, const Target& target) {
  const auto at = [&](double seconds) {
    return (target.latency <= 0 || seconds <= target.latency) &&
           (target.throughput <= 0 ||
            static_cast<double>(candidate.batch) / seconds >= target.throughput);
  };
  // What is not understood takes time that nobody knows.
  const bool whole = candidate.prediction.missing == 0;
  return whole && at(candidate.prediction.high) ? Meets::surely
         : at(candidate.prediction.seconds)     ? Meets::likely
                                                : Meets::no;
}

std::optional<double> needed_factor(const Candidate& candidate, const Target& target) {
  double allowed = std::numeric_limits<double>::infinity();
  if (target.latency > 0) {
    allowed = target.latency;
  }
  if (target.throughput > 0) {
    allowed = std::min(allowed, static_cast<double>(candidate.batch) / target.throughput);
  }
  const Prediction& p = candidate.prediction;
  if (p.seconds <= allowed) {
    return 1;
  }
  const double bound = p.seconds * std::max({p.compute, p.memory, p.overhead});
  const double left = allowed - (p.seconds - bound);
  return left > 0 ? std::optional(bound / left) : std::nullopt;
}

void rank(std::vector<Candidate>& candidates, const Target& target) {
  for (Candidate& one : candidates) {
    one.pareto =
        one.price_per_hour && std::ranges::none_of(candidates, [&](const Candidate& other) {
          return other.price_per_hour && beats(other, one);
        });
  }
  std::ranges::stable_sort(candidates, [&](const Candidate& a, const Candidate& b) {
    return order_of(a, target) < order_of(b, target);
  });
}

std::optional<Change> best_change(const std::vector<Candidate>& candidates,
                                  std::string_view machine) {
  const auto base = std::ranges::find(candidates, machine, &Candidate::machine);
  std::optional<Change> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& other = candidates[i];
    const std::string what = other.machine == machine ? difference(*base, other) : "";
    const double factor = other.per_second() / base->per_second();
    if (!what.empty() && factor > (best ? best->factor : 1)) {
      best = {static_cast<std::size_t>(base - candidates.begin()), i, what, factor};
    }
  }
  return best;
}

std::map<std::string, double> parse_prices(std::string_view csv, std::string_view origin) {
  std::map<std::string, double> prices;
  std::size_t number = 0;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t end = std::min(csv.find('\n', at), csv.size());
    std::string_view line = csv.substr(at, end - at);
    line = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    at = end + 1;
    if (++number == 1 ? line == "machine,price_per_hour" : line.empty()) {
      continue;
    }
    const std::size_t comma = line.rfind(',');
    const auto price =
        comma == std::string_view::npos ? std::nullopt : number_before(line.substr(comma + 1), "");
    if (number == 1 || !price || comma == 0) {
      bad_input("{}:{}: '{}': the first line is machine,price_per_hour, then a name and a number",
                origin, number, line);
    }
    prices[std::string(line.substr(0, comma))] = *price;
  }
  return prices;
}

double parse_latency(std::string_view text) {
  for (const Unit& unit : units) {
    if (const auto value = number_before(text, unit.name)) {
      return *value * unit.seconds;
    }
  }
  bad_input("latency '{}': a number above 0 and its unit, as in 20ms, 1.5s or 300us", text);
}

double parse_throughput(std::string_view text) {
  if (const auto value = number_before(text, "/s")) {
    return *value;
  }
  bad_input("throughput '{}': inferences a second, as in 500/s", text);
}

}  // namespace flopmeter::planner
