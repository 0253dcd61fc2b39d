// Einsum of one or two operands: a product with its axes in any order.
#include <algorithm>
#include <array>
#include <map>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// "bij,bjk->bik" taken apart.
struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

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

LetterSizes letter_sizes(const NodeView& n, const Equation& e) {
  LetterSizes all;
  for (const auto& [c, dim] : sizes_by_letter(n, e)) {
    const bool in_a = e.inputs[0].find(c) != std::string::npos;
    const bool in_b = e.inputs.size() > 1 && e.inputs[1].find(c) != std::string::npos;
    const bool out = e.output.find(c) != std::string::npos;
    std::int64_t& part = in_a && in_b ? (out ? all.batch : all.depth)
                         : in_a       ? (out ? all.rows : all.only_a)
                                      : (out ? all.columns : all.only_b);
    part = checked_multiply(part, known_sizes({dim}).front());
  }
  return all;
}

/// A letter twice in one term is a diagonal; a letter of size 1 beside a larger one is repeated.
std::string beyond_a_product(const NodeView& n, const Equation& e) {
  if (e.inputs.size() > 2) {
    return fmt::format("an einsum of {} operands: the order of its products is open",
                       e.inputs.size());
  }
  const auto sizes = sizes_by_letter(n, e);
  for (std::size_t i = 0; i < e.inputs.size(); ++i) {
    for (std::size_t d = 0; d < e.inputs[i].size(); ++d) {
      const char c = e.inputs[i][d];
      if (e.inputs[i].find(c) != d) {
        return fmt::format("its term '{}' is a diagonal", e.inputs[i]);
      }
      if (!(n.dims(i)[d] == sizes.at(c))) {
        return fmt::format("'{}' of its term '{}' is broadcast", c, e.inputs[i]);
      }
    }
  }
  return "";
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
Lowered lower_einsum(const NodeView& n) {
  const Equation e = read_equation(n);
  if (std::string reason = beyond_a_product(n, e); !reason.empty()) {
    return not_understood(std::move(reason));
  }
  const LetterSizes s = letter_sizes(n, e);
  if (e.inputs.size() == 1) {
    return lower_einsum_of_one(s);
  }
  LayerUse use{"matmul", {}};
  use.text =
      shape_text({s.batch, s.rows, s.depth}) + ":" + shape_text({s.batch, s.depth, s.columns});
  if (s.only_a != 1 || s.only_b != 1) {
    use = {"einsum",
           {{"b", s.batch},
            {"m", s.rows},
            {"n", s.columns},
            {"k", s.depth},
            {"s", s.only_a},
            {"t", s.only_b}}};
  }
  Lowered lowered;
  lowered.layers.push_back(std::move(use));
  return lowered;
}

constexpr std::array einsum_rows{Operator{"", "Einsum", infer_einsum, lower_einsum}};

}  // namespace

std::span<const Operator> einsum_operators() { return einsum_rows; }

}  // namespace flopmeter::onnx
