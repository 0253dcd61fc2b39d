#include "kernels/moves/moves.h"

#include "kernels/tolerance.h"

namespace flopmeter::moves {
namespace {

/// a0 ... a7 of each list; FieldInfo only looks at the text.
std::string_view key_of(std::string_view key, std::size_t at) {
  static std::vector<std::string> keys = [] {
    std::vector<std::string> all;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      for (std::size_t i = 0; i < dims::rank; ++i) {
        all.push_back(fmt::format("{}{}", letter, i));
      }
    }
    return all;
  }();
  return keys[static_cast<std::size_t>(key.front() - 'a') * dims::rank + at];
}

std::int64_t read_elements(const Loop& loop) { return loop.moved() / loop.repetitions(); }

}  // namespace

std::vector<FieldInfo> Table::fields(const Row& row) {
  std::vector<FieldInfo> fields;
  for (const List& list : row.lists) {
    for (std::size_t i = 0; i < dims::rank; ++i) {
      const bool drawn = i + list.fuzz_rank >= dims::rank;
      fields.push_back({key_of(list.key, i), list.missing, list.missing,
                        drawn ? list.fuzz_low : list.missing, drawn ? list.fuzz_high : list.missing,
                        list.meaning});
    }
  }
  return fields;
}

std::vector<Pass> Table::passes(const Row&) { return {Pass::forward, Pass::backward_data}; }

Values Table::parse(const Row& row, std::string_view text) {
  const std::size_t least = row.fill == nullptr ? row.lists.size() : 2;
  Lists lists = dims::parse_lists(text, row.name, least, row.lists.size(), row.form);
  if (row.fill != nullptr) {
    row.fill(lists);
  }
  Values values(row.lists.size() * dims::rank);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    dims::put(values, i, lists[i], row.lists[i].missing, row.name);
  }
  return values;
}

Lists Table::lists_of(const Row& row, const Values& v) {
  Lists lists;
  for (std::size_t i = 0; i < row.lists.size(); ++i) {
    lists.push_back(dims::get(v, i, row.lists[i].missing));
  }
  return lists;
}

Values Table::complete(const Row& row, Values v) {
  const Lists lists = lists_of(row, v);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (const std::int64_t value : lists[i]) {
      if (value < row.lists[i].lowest) {
        bad_input("{}: {} ({}) in {} must be at least {}: write {}", row.name, value,
                  row.lists[i].meaning, dims::print(lists[i]), row.lists[i].lowest, row.form);
      }
    }
  }
  row.check(row.name, lists);
  if (row.result(lists).size() > 2 * dims::rank) {
    bad_input("{}: the result has too many dimensions", row.name);
  }
  return v;
}

std::string Table::print(const Row& row, const Values& v) { return dims::print(lists_of(row, v)); }

std::vector<Variable> Table::variables(const Row& row, const Values& v) {
  return {{"elements", dims::product(row.result(lists_of(row, v)))}};
}

std::vector<Operand> Table::operands(const Row& row, const Values& v, Pass pass) {
  const Lists lists = lists_of(row, v);
  const Dims result = row.result(lists);
  if (pass != Pass::forward) {
    return {{"diff_dst", result, Role::input}, {"diff_src", lists[0], Role::output}};
  }
  const std::int64_t read = read_elements(row.loop(lists));
  const bool all = read == dims::product(lists[0]);
  return {{"src", lists[0], Role::input, {}, all ? all_elements : read},
          {"dst", result, Role::output}};
}

Formula Table::formula(const Row& row, const Values& v, Pass pass) {
  if (pass == Pass::forward) {
    return {};
  }
  const Loop loop = row.loop(lists_of(row, v));
  return unpadded(0, {.adds = loop.moved() - read_elements(loop)});
}

/// A copy is exact in every dtype that holds the source; a gradient is a sum over the repetitions.
Tolerance Table::tolerance(const Row& row, const Values& v, Pass pass, Dtype dtype) {
  if (pass == Pass::forward) {
    return {};
  }
  return sum_tolerance(row.loop(lists_of(row, v)).repetitions(), dtype);
}

AnyBackend Table::onednn(const Row& row) {
  AnyBackend backend{.name = "onednn", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup, Tensors<float>& tensors) {
    return prepare_onednn(row, v, setup, tensors);
  };
  return backend;
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() { return describe_rows<Table>(rows(), shapes_of); }

}  // namespace flopmeter::moves
