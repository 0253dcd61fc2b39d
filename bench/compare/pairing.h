// Which rows of two result files, or of one, are held against each other.
#pragma once

#include <cstddef>
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

/// Rows that are gone through in order, and asked for again by their place in it: a file has more than can be held.
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  /// Each row once.
  virtual void each(const std::function<void(const Row&)>& take) = 0;

  /// After that, row i of them. Points to what lives until the next call.
  virtual Row at(std::size_t i) = 0;
};

/// The rows of results that are in memory and live longer.
class HeldRows : public RowSource {
 public:
  explicit HeldRows(const StoredResults& results) : results_(results) {}
  void each(const std::function<void(const Row&)>& take) override;
  Row at(std::size_t i) override;

 private:
  const StoredResults& results_;
};

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

using TakePair = std::function<void(const Pair&)>;
/// A row that is not compared, and why: "only in a", "b: unavailable: no bf16 here".
using TakeUnpaired = std::function<void(const Row&, std::string reason)>;

/// Pairs equal cases: name, threads and state of the caches, in the order of a; both were timed. Of several rows for
/// one case the last one that answers it (ok, unavailable, failed) counts, or where none does, the last one. With
/// `by`, the rows of `a` that have its first value are held against those of `b` that have the second. Holds a few
/// bytes a row.
void pair_rows(RowSource& a, RowSource& b, const std::optional<By>& by, const TakePair& take_pair,
               const TakeUnpaired& take_unpaired);

/// The case with what its row was measured at: "linear/forward/eigen/f32/mb1ic2oc3/threads:2".
std::string title(const Record& record);

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
