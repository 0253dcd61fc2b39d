// Layers that find as much as their data have: results have room for the most, and -1 behind the last that was found.
// Their comparisons depend on the data and are not counted: numbers are compared in double, whatever they are.
#pragma once

#include <algorithm>
#include <numeric>

#include "kernels/layer.h"
#include "kernels/place.h"

namespace flopmeter::indexed {

inline double number(double value) { return value; }
template <class T>
double number(Counted<T> value) {
  return static_cast<double>(value.value);
}

struct NonMaxShape {
  std::int64_t mb, c, n, m, center;
  /// Of each class and sample.
  std::int64_t most() const { return std::min(n, m); }
  bool operator==(const NonMaxShape&) const = default;
};

/// A box by its corners, the lower ones first.
struct Box {
  std::array<double, 2> low, high;

  /// Of two opposite corners, or of a centre and sizes.
  static Box of(const std::array<double, 4>& given, bool center) {
    Box box{};
    for (std::size_t i = 0; i < 2; ++i) {
      const double a = center ? given[i] - given[i + 2] / 2 : given[i];
      const double b = center ? given[i] + given[i + 2] / 2 : given[i + 2];
      box.low[i] = std::min(a, b);
      box.high[i] = std::max(a, b);
    }
    return box;
  }
  double area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};

/// Intersection over union, 0 of boxes without an area.
inline double overlap(const Box& a, const Box& b) {
  double shared = 1;
  for (std::size_t i = 0; i < 2; ++i) {
    shared *= std::max(0.0, std::min(a.high[i], b.high[i]) - std::max(a.low[i], b.low[i]));
  }
  const double both = a.area() + b.area() - shared;
  return shared > 0 && both > 0 ? shared / both : 0;
}

/// The best of what is left is kept, and what overlaps it too much goes, until there is nothing left or m are kept.
/// Rows of the result: sample, class, box; classes of a sample one behind the other, the best first, the first of
/// equal ones.
struct NonMax {
  using Shape = NonMaxShape;
  static constexpr std::string_view name = "nms";
  static constexpr std::string_view equation =
      "y[i] = sample, class and box of scores above s, without those that overlap a better one by "
      "more than t";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"c", &Shape::c, 1, 1, 1, 5, "classes"},
      {"n", &Shape::n, unset, 1, 1, 30, "boxes of a sample"},
      {"m", &Shape::m, unset, 1, 1, 20, "kept of a class at the most"},
      {"center", &Shape::center, 0, 0, 1, 1, "1: boxes are centre and size, 0: two corners"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"n", "m"});
  static Shape complete(const Shape& s);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass) { return {}; }
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  /// Boxes of a class that are kept, the best first.
  template <class T>
  static std::vector<std::int64_t> kept(const Shape& s, const T* boxes, const T* scores,
                                        double most_overlap, double least_score) {
    std::vector<std::int64_t> left(static_cast<std::size_t>(s.n));
    std::iota(left.begin(), left.end(), 0);
    std::erase_if(left, [&](std::int64_t i) { return !(number(scores[i]) > least_score); });
    std::ranges::stable_sort(left, std::greater<>(),
                             [&](std::int64_t i) { return number(scores[i]); });
    const auto box = [&](std::int64_t i) {
      const T* at = boxes + i * 4;
      return Box::of({number(at[0]), number(at[1]), number(at[2]), number(at[3])}, s.center == 1);
    };
    std::vector<std::int64_t> found;
    for (const std::int64_t i : left) {
      const bool apart = std::ranges::none_of(
          found, [&](std::int64_t better) { return overlap(box(i), box(better)) > most_overlap; });
      if (apart && std::ssize(found) < s.most()) {
        found.push_back(i);
      }
    }
    return found;
  }

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& t) {
    T* to = t["dst"];
    std::fill_n(to, s.mb * s.c * s.most() * 3, T(-1.0));
    for (std::int64_t sample = 0; sample < s.mb; ++sample) {
      for (std::int64_t of_class = 0; of_class < s.c; ++of_class) {
        for (const std::int64_t i :
             kept(s, t["boxes"] + sample * s.n * 4, t["scores"] + (sample * s.c + of_class) * s.n,
                  number(t["overlap"][0]), number(t["least"][0]))) {
          for (const std::int64_t value : {sample, of_class, i}) {
            *to++ = T(static_cast<double>(value));
          }
        }
      }
    }
  }
};

struct NonZeroShape {
  std::int64_t n;
  bool operator==(const NonZeroShape&) const = default;
};

struct NonZero {
  using Shape = NonZeroShape;
  static constexpr std::string_view name = "nonzero";
  static constexpr std::string_view equation = "y[i] = place of the i-th x that is not 0";
  static constexpr auto fields =
      std::to_array<Field<Shape>>({{"n", &Shape::n, unset, 1, 1, 1000, "numbers"}});
  static constexpr auto always_printed = std::to_array<std::string_view>({"n"});
  static Shape complete(const Shape& s);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass) { return {}; }
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& t) {
    T* to = t["dst"];
    std::fill_n(to, s.n, T(-1.0));
    for (std::int64_t i = 0; i < s.n; ++i) {
      if (number(t["src"][i]) != 0) {
        *to++ = T(static_cast<double>(i));
      }
    }
  }
};

}  // namespace flopmeter::indexed
