#include "bench/compare/pairing.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <unordered_map>

#include "kernels/bad_input.h"
#include "results/cell.h"

namespace flopmeter::compare {
namespace {

std::string max_isa(const Row& row) {
  if (row.environment != nullptr) {
    for (const auto& [name, value] : row.environment->variables) {
      if (name.ends_with("_MAX_CPU_ISA")) {
        return value;
      }
    }
  }
  return "default";
}

struct ByField {
  std::string_view name;
  std::string (*value)(const Row&);
};

/// What tells the cases of a shape apart. The ISA does so only when it is asked for: between two
/// files it is one of the differences of their environments.
constexpr std::array<ByField, 6> by_fields{{
    {"backend", [](const Row& row) { return row.record->backend; }},
    {"dtype", [](const Row& row) { return row.record->dtype; }},
    {"threads",
     [](const Row& row) {
       return row.record->threads ? fmt::format("{}", *row.record->threads) : "";
     }},
    {"cache", [](const Row& row) { return row.record->cache; }},
    {"pass", [](const Row& row) { return row.record->pass; }},
    {"isa", max_isa},
}};

const ByField& find_by_field(std::string_view name) {
  const auto* found = std::ranges::find(by_fields, name, &ByField::name);
  if (found == by_fields.end()) {
    bad_input("--by '{}': one of backend, dtype, threads, cache, pass, isa", name);
  }
  return *found;
}

/// Of the texts that tell a case from all others: 128 bits, so that no two of some millions are the same.
using Key = std::pair<std::size_t, std::size_t>;

struct KeyHash {
  std::size_t operator()(const Key& key) const { return key.first; }
};

Key key_of(const Row& row, const std::optional<By>& by) {
  std::string text = fmt::format("{}\n{}", row.record->layer, row.record->shape);
  for (const ByField& field : by_fields) {
    if (field.name != "isa" && (!by || by->field != field.name)) {
      text += '\n' + field.value(row);
    }
  }
  const std::hash<std::string> hash;
  const std::size_t first = hash(text);
  text += '\n';
  return {first, hash(text)};
}

bool answers(const Row& row) {
  const std::string& status = row.record->status;
  return status == "ok" || status == "unavailable" || status == "failed";
}

/// One row a case; the order is that of the cases' first rows.
struct Cases {
  struct Place {
    std::uint32_t row = 0;
    bool answers = false;
  };
  std::vector<Key> order;
  std::unordered_map<Key, Place, KeyHash> rows;

  void add(const Row& row, std::size_t index, const std::optional<By>& by) {
    const Place place{static_cast<std::uint32_t>(index), answers(row)};
    const auto [at, is_new] = rows.try_emplace(key_of(row, by), place);
    if (is_new) {
      order.push_back(at->first);
    } else if (place.answers || !at->second.answers) {
      at->second = place;
    }
  }
};

Cases cases(RowSource& rows, const std::optional<By>& by, std::string By::*side) {
  Cases cases;
  std::size_t index = 0;
  rows.each([&](const Row& row) {
    if (!by || find_by_field(by->field).value(row) == *by.*side) {
      cases.add(row, index, by);
    }
    ++index;
  });
  return cases;
}

bool timed(const Row& row) {
  const Record& record = *row.record;
  return record.seconds.value_or(0) > 0 && !record.samples.empty() &&
         std::ranges::all_of(record.samples, [](double seconds) { return seconds > 0; });
}

std::string absence(std::string_view side, const Row& row) {
  const Record& record = *row.record;
  return fmt::format("{}: {}: {}", side, record.status,
                     record.reason.empty() ? "no time" : record.reason);
}

void hold(const Row& a, const Row& b, const TakePair& take_pair,
          const TakeUnpaired& take_unpaired) {
  if (timed(a) && timed(b)) {
    take_pair({a, b});
  } else {
    take_unpaired(a, timed(a) ? absence("b", b) : absence("a", a));
  }
}

Row row_of(const StoredResults& results, const Stored<Record>& stored) {
  const auto found =
      std::ranges::find(results.environments, stored.environment, &StoredEnvironment::fingerprint);
  return {&stored.row, found == results.environments.end() ? nullptr : &found->environment};
}

}  // namespace

void HeldRows::each(const std::function<void(const Row&)>& take) {
  for (const Stored<Record>& stored : results_.records) {
    take(row_of(results_, stored));
  }
}

Row HeldRows::at(std::size_t i) { return row_of(results_, results_.records[i]); }

std::string title(const Record& record) {
  return fmt::format(
      "{}{}{}", record.name,
      record.threads.value_or(1) == 1 ? "" : fmt::format("/threads:{}", *record.threads),
      record.cache == "cold" ? "/cache:cold" : "");
}

By parse_by(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t comma = text.find(',', std::min(equals, text.size()));
  if (equals == std::string_view::npos || comma == std::string_view::npos ||
      text.find(',', comma + 1) != std::string_view::npos) {
    bad_input("--by '{}': a field and two of its values, such as backend=eigen,onednn", text);
  }
  By by{std::string(text.substr(0, equals)),
        std::string(text.substr(equals + 1, comma - equals - 1)),
        std::string(text.substr(comma + 1))};
  find_by_field(by.field);
  if (by.a == by.b) {
    bad_input("--by '{}': two different values", text);
  }
  return by;
}

void pair_rows(RowSource& a, RowSource& b, const std::optional<By>& by, const TakePair& take_pair,
               const TakeUnpaired& take_unpaired) {
  const Cases from = cases(a, by, &By::a);
  const Cases to = cases(b, by, &By::b);
  for (const Key& key : from.order) {
    const Row row = a.at(from.rows.at(key).row);
    const auto other = to.rows.find(key);
    if (other == to.rows.end()) {
      take_unpaired(row, "only in a");
    } else {
      hold(row, b.at(other->second.row), take_pair, take_unpaired);
    }
  }
  for (const Key& key : to.order) {
    if (!from.rows.contains(key)) {
      take_unpaired(b.at(to.rows.at(key).row), "only in b");
    }
  }
}

std::vector<Difference> differences(std::span<const Pair> pairs) {
  std::vector<Difference> found;
  for (const EnvironmentField& field : environment_fields()) {
    for (const Pair& pair : pairs) {
      if (pair.a.environment == nullptr || pair.b.environment == nullptr) {
        continue;
      }
      const Difference difference{field.heading, cell(*pair.a.environment, field),
                                  cell(*pair.b.environment, field)};
      if (difference.a != difference.b && std::ranges::find(found, difference) == found.end()) {
        found.push_back(difference);
      }
    }
  }
  return found;
}

bool same_machine(const Pair& pair) {
  if (pair.a.environment == nullptr || pair.b.environment == nullptr) {
    return false;
  }
  const auto machine = [](const Environment& environment) {
    return std::tie(environment.cpu, environment.cpu_id, environment.isa, environment.online_cores,
                    environment.hypervisor);
  };
  return machine(*pair.a.environment) == machine(*pair.b.environment);
}

}  // namespace flopmeter::compare
