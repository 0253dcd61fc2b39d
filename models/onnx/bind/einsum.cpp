// Einsum in layers: the axes of two operands are brought into the order of the layer, which sums up their products;
// further operands follow one by one. Of one operand, sums and a change of axes are left.
#include "models/onnx/ops/einsum.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {
namespace {

/// A tensor with a letter for each axis.
struct Lettered {
  Value value;
  std::string letters;
};

bool has_letter(const std::string& letters, char c) { return letters.find(c) != std::string::npos; }

class EinsumInSteps {
 public:
  explicit EinsumInSteps(const Binding& b) : b_(b), steps_(b), equation_(read_equation(b.view)) {
    for (std::size_t i = 0; i < equation_.inputs.size(); ++i) {
      note_sizes(equation_.inputs[i], b.view.sizes(i));
    }
  }

  void bind() {
    Lettered all = operand(0);
    const std::size_t count = equation_.inputs.size();
    for (std::size_t i = 1; i < count; ++i) {
      std::string needed = equation_.output;
      for (std::size_t later = i + 1; later < count; ++later) {
        needed += equation_.inputs[later];
      }
      all = product(all, operand(i), needed);
    }
    if (count == 1) {
      all = summed(all);
    }
    steps_.finish(in_order(all, equation_.output).value);
  }

 private:
  void note_sizes(const std::string& letters, const Sizes& dims) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const auto [found, is_new] = sizes_.try_emplace(letters[i], dims[i]);
      if (found->second != dims[i]) {
        bad_input("its equation has an axis of {} and of {} elements: that is not run",
                  found->second, dims[i]);
      }
      if (letters.find(letters[i]) != i) {
        bad_input("the diagonal of an operand, '{}', is not run", letters);
      }
    }
  }

  Lettered operand(std::size_t i) { return {steps_.in(i), equation_.inputs[i]}; }

  std::int64_t size_of_letters(const std::string& letters) const {
    return std::accumulate(letters.begin(), letters.end(), std::int64_t{1},
                           [&](std::int64_t all, char c) { return all * sizes_.at(c); });
  }
  Sizes dims_of_letters(const std::string& letters) const {
    Sizes dims;
    std::ranges::transform(letters, std::back_inserter(dims), [&](char c) { return sizes_.at(c); });
    return dims;
  }

  /// The axes as `letters` has them, which are the same ones.
  Lettered in_order(const Lettered& x, const std::string& letters) {
    if (x.letters == letters) {
      return {Steps::view(x.value, dims_of_letters(letters)), letters};
    }
    std::vector<std::size_t> order;
    std::ranges::transform(letters, std::back_inserter(order),
                           [&](char c) { return x.letters.find(c); });
    return {steps_.transpose(Steps::view(x.value, dims_of_letters(x.letters)), order), letters};
  }

  Lettered summed(const Lettered& x) {
    std::vector<std::size_t> axes;
    std::string left;
    for (std::size_t i = 0; i < x.letters.size(); ++i) {
      if (has_letter(equation_.output, x.letters[i])) {
        left += x.letters[i];
      } else {
        axes.push_back(i);
      }
    }
    return axes.empty() ? x : Lettered{steps_.reduce("reduce_sum", x.value, axes), left};
  }

  /// Letters of `from` that are in the other operand, and in what is needed later, or not.
  static std::string chosen(const std::string& from, const std::string& other, bool in_other,
                            const std::string& needed, bool is_needed) {
    std::string letters;
    std::ranges::copy_if(from, std::back_inserter(letters), [&](char c) {
      return has_letter(other, c) == in_other && has_letter(needed, c) == is_needed;
    });
    return letters;
  }

  /// The layer's operands are b m s k and b t k n, its result is b m n.
  Lettered product(const Lettered& x, const Lettered& y, const std::string& needed) {
    const std::string b = chosen(x.letters, y.letters, true, needed, true);
    const std::string k = chosen(x.letters, y.letters, true, needed, false);
    const std::string m = chosen(x.letters, y.letters, false, needed, true);
    const std::string s = chosen(x.letters, y.letters, false, needed, false);
    const std::string n = chosen(y.letters, x.letters, false, needed, true);
    const std::string t = chosen(y.letters, x.letters, false, needed, false);
    const Value of_x = in_order(x, b + m + s + k).value;
    const Value of_y = in_order(y, b + t + k + n).value;
    const auto size = [&](const std::string& letters) { return size_of_letters(letters); };
    const std::string shape =
        fmt::format("bmsk,btkn->bmn:{}x{}x{}x{}:{}x{}x{}x{}", size(b), size(m), size(s), size(k),
                    size(b), size(t), size(k), size(n));
    return {
        steps_.layer("einsum", shape, {{"src0", of_x}, {"src1", of_y}}, dims_of_letters(b + m + n)),
        b + m + n};
  }

  const Binding& b_;
  Steps steps_;
  Equation equation_;
  std::map<char, std::int64_t> sizes_ = {};
};

void bind_einsum(const Binding& b) {
  if (b.node.inputs.size() > 1) {
    const double bound =
        std::sqrt(3.0 / static_cast<double>(std::max<std::int64_t>(1, b.view.sizes(1).front())));
    b.draw(1, {-bound, bound});
  }
  EinsumInSteps(b).bind();
}

constexpr std::array einsum_rows_bound{Binder{"", "Einsum", bind_einsum}};

}  // namespace

std::span<const Binder> einsum_binders() { return einsum_rows_bound; }

}  // namespace flopmeter::onnx
