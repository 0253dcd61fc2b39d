// What `flopmeter count` says of one problem.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/count_published.h"
#include "kernels/case.h"
#include "validate/executed/account.h"

namespace flopmeter {

/// One column of counts, or the reason why there is none.
struct CountColumn {
  std::string_view name;  // a backend
  std::optional<OpCounts> counts;
  std::string reason;
};

struct CountReport {
  Problem problem;
  Pass pass;
  Dtype dtype;
  Formula formula;
  std::int64_t bytes;
  std::vector<CountColumn> counted;
  std::vector<Account> executed;  // a line a backend
  std::vector<const Convention*> conventions;
  std::vector<published::Row> published;
};

/// Formula, counted, executed and retired counts of one problem. Counting runs the kernels; beyond
/// `mac_limit` dense MACs it is not done and the columns say so. Published counters are held
/// against the counted reference, beyond the limit against the formula. Throws CountOverflow.
CountReport count_problem(const Problem& problem, Pass pass, Dtype dtype, std::int64_t mac_limit,
                          const SelectedConventions& selected = select_conventions({}));

/// Whether kernels of this problem are too large to be run for a count.
bool beyond(std::int64_t mac_limit, const Problem& problem, Pass pass, Dtype dtype);

/// What the backend's algorithm does on a counting scalar, or why it is not known.
CountColumn count_backend(const Problem& problem, Pass pass, const AnyBackend& backend,
                          bool too_large);

/// What its machine code executes, or why that is not counted.
Account execute_backend(const Case& subject, bool too_large, Detail detail = Detail::functions);

/// {case, parameters, bytes, formula: {dense, in_bounds}, counted: {backend: {...}}, executed:
/// {backend: {...}}, retired: {backend: {...}}, conventions, published: [...]}.
nlohmann::json to_json(const CountReport& report);

/// The same as an aligned table.
std::string to_text(const CountReport& report);

}  // namespace flopmeter
