#include "bench/compare/pairing.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

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

using Key = std::vector<std::string>;

Key key(const Row& row, const std::optional<By>& by) {
  Key key{row.record->layer, row.record->shape};
  for (const ByField& field : by_fields) {
    if (field.name != "isa" && (!by || by->field != field.name)) {
      key.push_back(field.value(row));
    }
  }
  return key;
}

bool answers(const Row& row) {
  const std::string& status = row.record->status;
  return status == "ok" || status == "unavailable" || status == "failed";
}

/// One row a case; the order is that of the cases' first rows.
struct Cases {
  std::vector<Key> order;
  std::map<Key, Row> rows;

  void add(const Row& row, const std::optional<By>& by) {
    const auto [at, is_new] = rows.try_emplace(key(row, by), row);
    if (is_new) {
      order.push_back(at->first);
    } else if (answers(row) || !answers(at->second)) {
      at->second = row;
    }
  }
};

Cases cases(std::span<const Row> rows, const std::optional<By>& by, std::string By::*side) {
  Cases cases;
  for (const Row& row : rows) {
    if (!by || find_by_field(by->field).value(row) == *by.*side) {
      cases.add(row, by);
    }
  }
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

void hold(Pairing& pairing, const Row& a, const Row& b) {
  if (timed(a) && timed(b)) {
    pairing.pairs.push_back({a, b});
  } else {
    pairing.unpaired.push_back({a, timed(a) ? absence("b", b) : absence("a", a)});
  }
}

}  // namespace

std::vector<Row> rows(const StoredResults& results) {
  std::vector<Row> rows;
  for (const Stored<Record>& stored : results.records) {
    const auto found = std::ranges::find(results.environments, stored.environment,
                                         &StoredEnvironment::fingerprint);
    rows.push_back(
        {&stored.row, found == results.environments.end() ? nullptr : &found->environment});
  }
  return rows;
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

Pairing pair_rows(std::span<const Row> a, std::span<const Row> b, const std::optional<By>& by) {
  const Cases from = cases(a, by, &By::a);
  const Cases to = cases(b, by, &By::b);
  Pairing pairing;
  for (const Key& key : from.order) {
    const Row& row = from.rows.at(key);
    const auto other = to.rows.find(key);
    if (other == to.rows.end()) {
      pairing.unpaired.push_back({row, "only in a"});
    } else {
      hold(pairing, row, other->second);
    }
  }
  for (const Key& key : to.order) {
    if (!from.rows.contains(key)) {
      pairing.unpaired.push_back({to.rows.at(key), "only in b"});
    }
  }
  return pairing;
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
