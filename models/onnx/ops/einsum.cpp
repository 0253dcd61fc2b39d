// Einsum: products of its operands with their axes in any order.
#include "models/onnx/ops/einsum.h"

#include <algorithm>
#include <array>
#include <map>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// One letter for each of the dimensions that an ellipsis stands for, which no equation uses itself.
constexpr std::string_view ellipsis_letters = "0123456789!#$%&()*+;<=>?@[]^_{|}~";

std::string expand_ellipsis(const std::string& term, std::size_t rank) {
  const std::size_t at = term.find("...");
  if (at == std::string::npos) {
    return term;
  }
  const std::size_t named = term.size() - 3;
  if (named > rank || rank - named > ellipsis_letters.size()) {
    bad_input("equation term '{}' for {} dimensions", term, rank);
  }
  const std::size_t count = rank - named;
  std::string letters;
  for (std::size_t i = 0; i < count; ++i) {
    letters.push_back(ellipsis_letters[count - 1 - i]);
  }
  return term.substr(0, at) + letters + term.substr(at + 3);
}

/// Letters that stand once in all inputs, in alphabetic order, behind those of an ellipsis.
std::string implicit_output(const std::vector<std::string>& inputs) {
  std::map<char, int> seen;
  std::string ellipsis;
  for (const std::string& input : inputs) {
    for (const char c : input) {
      ++seen[c];
    }
  }
  std::string named;
  for (const auto& [c, times] : seen) {
    if (ellipsis_letters.find(c) != std::string_view::npos) {
      ellipsis.insert(ellipsis.begin(), c);
    } else if (times == 1) {
      named.push_back(c);
    }
  }
  return ellipsis + named;
}

}  // namespace

Equation read_equation(const NodeView& n) {
  std::string text(n.text("equation", ""));
  std::erase(text, ' ');
  Equation e;
  const std::size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow);
  std::size_t widest = 0;
  for (std::size_t at = 0; at <= left.size();) {
    const std::size_t comma = std::min(left.find(',', at), left.size());
    if (e.inputs.size() >= n.inputs.size()) {
      bad_input("equation '{}' has more terms than there are inputs", text);
    }
    const std::string term = left.substr(at, comma - at);
    const std::size_t rank = n.dims(e.inputs.size()).size();
    if (term.find("...") != std::string::npos) {
      widest = std::max(widest, rank - std::min(rank, term.size() - 3));
    }
    e.inputs.push_back(expand_ellipsis(term, rank));
    if (e.inputs.back().size() != rank) {
      bad_input("equation term '{}' for {} dimensions", term, rank);
    }
    at = comma + 1;
  }
  if (e.inputs.size() != n.inputs.size()) {
    bad_input("equation '{}' has fewer terms than there are inputs", text);
  }
  if (arrow == std::string::npos) {
    e.output = implicit_output(e.inputs);
  } else {
    const std::string right = text.substr(arrow + 2);
    e.output = expand_ellipsis(
        right, right.find("...") == std::string::npos ? right.size() : right.size() - 3 + widest);
  }
  return e;
}

namespace {

std::map<char, Dim> sizes_by_letter(const NodeView& n, const Equation& e) {
  std::map<char, Dim> sizes;
  for (std::size_t i = 0; i < e.inputs.size(); ++i) {
    for (std::size_t d = 0; d < e.inputs[i].size(); ++d) {
      const auto [found, added] = sizes.emplace(e.inputs[i][d], n.dims(i)[d]);
      if (!added) {
        found->second = broadcast({found->second}, {n.dims(i)[d]})[0];
      }
    }
  }
  return sizes;
}

void infer_einsum(NodeView& n) {
  const Equation e = read_equation(n);
  const auto sizes = sizes_by_letter(n, e);
  Dims out;
  for (const char c : e.output) {
    const auto found = sizes.find(c);
    if (found == sizes.end()) {
      bad_input("equation '{}': '{}' is in no input", n.text("equation", ""), c);
    }
    out.push_back(found->second);
  }
  n.set(0, n.in(0).elem, out);
}

/// Elements of letters by where they stand.
struct LetterSizes {
  std::int64_t batch = 1, rows = 1, columns = 1, depth = 1, only_a = 1, only_b = 1;
};

using Letters = std::map<char, Dim>;

LetterSizes letter_sizes(const Letters& sizes, std::string_view a, std::string_view b,
                         std::string_view result) {
  LetterSizes all;
  for (const auto& [c, dim] : sizes) {
    const bool in_a = a.find(c) != std::string_view::npos;
    const bool in_b = b.find(c) != std::string_view::npos;
    const bool out = result.find(c) != std::string_view::npos;
    if (!in_a && !in_b) {
      continue;
    }
    std::int64_t& part = in_a && in_b ? (out ? all.batch : all.depth)
                         : in_a       ? (out ? all.rows : all.only_a)
                                      : (out ? all.columns : all.only_b);
    part = checked_multiply(part, known_sizes({dim}).front());
  }
  return all;
}

/// The letters that an operand is multiplied by. One that stands twice is a diagonal, which is taken
/// out of it; one of size 1 beside a larger one is repeated, as if it were not there.
std::string true_letters(const NodeView& n, const Equation& e, const Letters& sizes,
                         std::size_t i) {
  std::string letters;
  for (std::size_t d = 0; d < e.inputs[i].size(); ++d) {
    const char c = e.inputs[i][d];
    const bool repeated = n.dims(i)[d].is(1) && !sizes.at(c).is(1);
    if (!repeated && letters.find(c) == std::string::npos) {
      letters.push_back(c);
    }
  }
  return letters;
}

/// One operand: its axes in another order, or a sum over some.
Lowered lower_einsum_of_one(const LetterSizes& s) {
  if (s.only_a == 1) {
    return moves("copy");
  }
  Lowered lowered;
  LayerUse use{"reduce_sum", {}};
  use.text = fmt::format("{}x{}:{}x1", s.rows, s.only_a, s.rows);
  lowered.layers.push_back(std::move(use));
  return lowered;
}

/// Letters of both operands and the result are batches, of both alone are summed, the rest are rows or
/// columns. What one operand alone has is summed before.
LayerUse product_use(const LetterSizes& s, std::string label) {
  LayerUse use{"matmul", {}, std::move(label)};
  use.text =
      shape_text({s.batch, s.rows, s.depth}) + ":" + shape_text({s.batch, s.depth, s.columns});
  if (s.only_a != 1 || s.only_b != 1) {
    use.layer = "einsum";
    use.text = "bmks,bknt->bmn:" + shape_text({s.batch, s.rows, s.depth, s.only_a}) + ":" +
               shape_text({s.batch, s.depth, s.columns, s.only_b});
  }
  return use;
}

/// Letters of either that the result or a later operand still needs.
std::string kept_letters(const std::string& both, std::string_view needed) {
  std::string kept;
  for (const char c : both) {
    if (needed.find(c) != std::string_view::npos && kept.find(c) == std::string::npos) {
      kept.push_back(c);
    }
  }
  return kept;
}

/// More than two operands are multiplied from the left to the right, as ONNX Runtime does.
Lowered lower_einsum(const NodeView& n) {
  const Equation e = read_equation(n);
  const Letters sizes = sizes_by_letter(n, e);
  std::string so_far = true_letters(n, e, sizes, 0);
  if (e.inputs.size() == 1) {
    return lower_einsum_of_one(letter_sizes(sizes, so_far, "", e.output));
  }
  Lowered lowered;
  for (std::size_t i = 1; i < e.inputs.size(); ++i) {
    const std::string next = true_letters(n, e, sizes, i);
    std::string needed = e.output;
    for (std::size_t later = i + 1; later < e.inputs.size(); ++later) {
      needed += e.inputs[later];
    }
    const std::string kept = kept_letters(so_far + next, needed);
    lowered.layers.push_back(product_use(letter_sizes(sizes, so_far, next, kept),
                                         e.inputs.size() > 2 ? fmt::format("product{}", i) : ""));
    so_far = kept;
  }
  if (e.inputs.size() > 2) {
    lowered.remark =
        "its operands are multiplied from the left to the right: another order may "
        "take fewer operations";
  }
  return lowered;
}

constexpr std::array einsum_rows{Operator{"", "Einsum", infer_einsum, lower_einsum}};

}  // namespace

std::span<const Operator> einsum_operators() { return einsum_rows; }

}  // namespace flopmeter::onnx
