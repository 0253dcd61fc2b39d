// Which rows of two result files, or of one, are held against each other.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/read_results.h"

namespace flopmeter::compare {

/// A record with the environment that it was measured in. Points into the results that were read.
struct Row {
  const Record* record = nullptr;
  const Environment* environment = nullptr;  // null: the file does not hold it
};

/// All rows of a file, in its order. The results must live as long as the rows.
std::vector<Row> rows(const StoredResults& results);

/// Two values of one field: rows that differ in it alone are pairs. "isa" is what the environment
/// variable ONEDNN_MAX_CPU_ISA or DNNL_MAX_CPU_ISA said, "default" where it was not set.
struct By {
  std::string field;
  std::string a;
  std::string b;
};

/// From "backend=eigen,onednn". Throws BadInput naming the fields.
By parse_by(std::string_view text);

struct Pair {
  Row a;
  Row b;
};

/// A row that is not compared, and why.
struct Unpaired {
  Row row;
  std::string reason;  // "only in a", "b: unavailable: no bf16 here"
};

struct Pairing {
  std::vector<Pair> pairs;  // both timed; in the order of a
  std::vector<Unpaired> unpaired;
};

/// Pairs equal cases: name, threads and state of the caches. Of several rows for one case the last
/// one that answers it (ok, unavailable, failed) counts, or where none does, the last one. With
/// `by`, the rows of `a` that have its first value are held against those of `b` that have the
/// second.
Pairing pair_rows(std::span<const Row> a, std::span<const Row> b, const std::optional<By>& by);

/// A field of the environment in which the two sides differ, as text.
struct Difference {
  std::string_view field;
  std::string a;
  std::string b;

  bool operator==(const Difference&) const = default;
};

/// Those of all pairs, each once, in the order of the environment's fields.
std::vector<Difference> differences(std::span<const Pair> pairs);

/// Whether both were measured on machines that cannot be told apart: CPU, instruction sets, cores
/// and hypervisor. False where an environment is not known.
bool same_machine(const Pair& pair);

}  // namespace flopmeter::compare
