// Elements that get another place and no other value: one table of moves, each row of which is a layer.
// There is no arithmetic but the adds that sum up the gradient of what was repeated: what a move costs
// is its traffic.
#pragma once

#include "kernels/families/table/describe_row.h"
#include "kernels/moves/loop.h"

namespace flopmeter::moves {

using dims::Dims;

/// How a move is written: the lists of its shape, of which the first are the dimensions of the source.
struct List {
  std::string_view key;  // of its integers, key0 ... key7
  std::int64_t missing;  // what stands where there are fewer
  std::int64_t lowest;   // of those that are there
  std::int64_t fuzz_low, fuzz_high;
  std::size_t fuzz_rank;  // of random shapes
  std::string_view meaning;
};

/// The lists of a shape that has been read.
using Lists = std::vector<Dims>;

/// One move.
struct Row {
  std::string_view name;
  std::string_view equation;
  std::string_view form;  // how its shape is written, with an example
  std::vector<List> lists;
  /// Throws BadInput where the lists do not fit together, naming what is wrong of which layer.
  void (*check)(std::string_view layer, const Lists&);
  /// How elements move, of lists that fit.
  Loop (*loop)(const Lists&);
  /// Dimensions of the result.
  Dims (*result)(const Lists&);
  /// Adds the lists that may be left out; null: none may.
  void (*fill)(Lists&) = nullptr;
};

const std::vector<Row>& rows();

Preparation prepare_onednn(const Row&, const Values&, const Setup&, Tensors<float>&);

struct Table {
  using Row = moves::Row;
  static std::vector<FieldInfo> fields(const Row&);
  static std::vector<Pass> passes(const Row&);
  static Values parse(const Row&, std::string_view text);
  static std::string print(const Row&, const Values&);
  static Values complete(const Row&, Values);
  static std::vector<Variable> variables(const Row&, const Values&);
  static std::vector<Operand> operands(const Row&, const Values&, Pass);
  static Formula formula(const Row&, const Values&, Pass);
  static Tolerance tolerance(const Row&, const Values&, Pass, Dtype);
  static AnyBackend eigen(const Row&);
  static AnyBackend onednn(const Row&);

  template <class T>
  static void reference(const Row& row, const Values& v, Pass pass, Tensors<T>& t) {
    const Loop loop = row.loop(lists_of(row, v));
    if (pass == Pass::forward) {
      loop.forward<T>(t["src"], t.find("dst")->data);
    } else {
      loop.backward<T>(t["diff_dst"], t.find("diff_src")->data);
    }
  }

  static Lists lists_of(const Row&, const Values&);
};

}  // namespace flopmeter::moves
