// y[n,o] = b[o] + sum_i x[n,i] * w[o,i], of weights that are stored as small integers with scales: one table
// of storage formats, each row of which is a layer.
// x: mb x ic, codes and w: oc x ic, y: mb x oc
#pragma once

#include "kernels/families/table/describe_row.h"

namespace flopmeter::quantized {

struct Shape {
  std::int64_t mb, ic, oc, bias, block, zp;

  std::int64_t blocks() const { return (ic + block - 1) / block; }  // of a row
};

/// One storage format.
///   a block of weights has a scale d:      w = d * (code - zero)
///   a block of blocks (`outer` weights) d and e, its blocks small integers s and t of 6 bits:
///                                          w = d * s * code - e * t
struct Row {
  std::string_view name;
  std::string_view equation;
  std::int64_t bits;
  std::int64_t block;            // 0: the shape says it
  std::int64_t outer = 0;        // 0: no blocks of blocks
  std::int64_t zero = 0;         // what stands for 0 where the shape has no zero points
  bool signed_code = false;      // two's complement
  std::int64_t scale_bytes = 2;  // of_dtype: as the activations

  bool nested() const { return outer != 0; }
  bool packed() const { return bits < 8; }
  bool shifts(const Shape& s) const { return s.zp != 0 || (!nested() && !signed_code); }
};

const std::vector<Row>& rows();

Shape shape_of(const Row&, const Values&);

/// What one call does to have all weights as numbers.
OpCounts unpacking(const Row&, const Shape&);

/// The weights as they are stored: codes packed into bytes, the others as numbers.
template <class T>
struct Storage {
  std::vector<std::uint8_t> codes;  // row by row, the first of two in the lower half of a byte
  const T* scales = nullptr;        // d
  const T* minima = nullptr;        // e
  const T* block_scales = nullptr;  // s
  const T* block_minima = nullptr;  // t
  const T* zero_points = nullptr;
};

inline float plain(float x) { return x; }
inline double plain(double x) { return x; }
template <class T>
double plain(Counted<T> x) {
  return static_cast<double>(x.value);
}

inline void count_unpacks(float /*type*/, std::int64_t /*n*/) {}
inline void count_unpacks(double /*type*/, std::int64_t /*n*/) {}
template <class T>
void count_unpacks(Counted<T> /*type*/, std::int64_t n) {
  tally.unpacks += n;
}

/// A whole number as a floating-point one: one conversion.
template <class T>
T number(int value) {
  return static_cast<T>(value);
}
template <>
inline Counted<float> number(int value) {
  ++tally.conversions;
  return static_cast<float>(value);
}
template <>
inline Counted<double> number(int value) {
  ++tally.conversions;
  return static_cast<double>(value);
}

template <class T>
Storage<T> pack(const Row& row, const Shape& s, Tensors<T>& tensors) {
  Storage<T> storage;
  const T* codes = tensors["weights"];
  const std::int64_t per_row = row.packed() ? (s.ic + 1) / 2 : s.ic;
  storage.codes.assign(static_cast<std::size_t>(s.oc * per_row), 0);
  for (std::int64_t o = 0; o < s.oc; ++o) {
    for (std::int64_t i = 0; i < s.ic; ++i) {
      const auto code = static_cast<unsigned>(plain(codes[o * s.ic + i]));
      auto& byte =
          storage.codes[static_cast<std::size_t>(o * per_row + (row.packed() ? i / 2 : i))];
      const unsigned shift = row.packed() && i % 2 == 1 ? 4 : 0;
      byte = static_cast<std::uint8_t>(byte | (code << shift));
    }
  }
  storage.scales = tensors["scales"];
  storage.minima = tensors["minima"];
  storage.block_scales = tensors["block_scales"];
  storage.block_minima = tensors["block_minima"];
  storage.zero_points = tensors["zero_points"];
  return storage;
}

/// The code of weight i of output o as a number.
template <class T>
T code(const Row& row, const Shape& s, const Storage<T>& storage, std::int64_t o, std::int64_t i) {
  if (!row.packed()) {
    const std::uint8_t byte = storage.codes[static_cast<std::size_t>(o * s.ic + i)];
    return number<T>(row.signed_code ? static_cast<std::int8_t>(byte) : byte);
  }
  const std::uint8_t byte = storage.codes[static_cast<std::size_t>(o * ((s.ic + 1) / 2) + i / 2)];
  count_unpacks(T(0), 1);
  return number<T>(i % 2 == 0 ? byte & 15 : byte >> 4);
}

/// A small integer that is stored in 4 or 6 bits, or in 8.
template <class T>
T small_integer(const T& stored, bool packed) {
  count_unpacks(T(0), packed ? 1 : 0);
  return number<T>(static_cast<int>(plain(stored)));
}

/// Row o of the weights as numbers, `ic` of them.
template <class T>
void dequantize_row(const Row& row, const Shape& s, const Storage<T>& storage, std::int64_t o,
                    T* to) {
  const std::int64_t blocks = s.blocks();
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t end = std::min(s.ic, (b + 1) * s.block);
    const std::int64_t at = o * blocks + b;
    if (row.nested()) {
      const std::int64_t outer = o * (s.ic / row.outer) + b * s.block / row.outer;
      const T scale = storage.scales[outer] * small_integer(storage.block_scales[at], true);
      const T least = storage.minima[outer] * small_integer(storage.block_minima[at], true);
      for (std::int64_t i = b * s.block; i < end; ++i) {
        const T scaled = scale * code(row, s, storage, o, i);
        to[i] = scaled - least;
      }
      continue;
    }
    const T scale = storage.scales[at];
    const bool shifts = row.shifts(s);
    const T zero = s.zp != 0 ? small_integer(storage.zero_points[at], row.packed())
                             : T(static_cast<double>(row.zero));
    for (std::int64_t i = b * s.block; i < end; ++i) {
      const T number = code(row, s, storage, o, i);
      to[i] = scale * (shifts ? T(number - zero) : number);
    }
  }
}

struct Table {
  using Row = quantized::Row;
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

  /// The weights are made numbers once a call, row by row, and each row is used for all samples. Their
  /// gradient does not exist; that of x is what trains an adapter beside them.
  template <class T>
  static void reference(const Row& row, const Values& v, Pass pass, Tensors<T>& t) {
    const Shape s = shape_of(row, v);
    const Storage<T> storage = pack(row, s, t);
    std::vector<T> w(static_cast<std::size_t>(s.ic));
    for (std::int64_t o = 0; o < s.oc; ++o) {
      dequantize_row(row, s, storage, o, w.data());
      if (pass == Pass::forward) {
        forward_row(s, o, w.data(), t["src"], t["bias"], t["dst"]);
      } else {
        backward_row(s, o, w.data(), t["diff_dst"], t["diff_src"]);
      }
    }
  }

 private:
  template <class T>
  static void forward_row(const Shape& s, std::int64_t o, const T* w, const T* x, const T* bias,
                          T* y) {
    for (std::int64_t n = 0; n < s.mb; ++n) {
      T sum = bias != nullptr ? bias[o] : T(0);
      for (std::int64_t i = 0; i < s.ic; ++i) {
        if (i == 0 && bias == nullptr) {
          sum = start_sum(x[n * s.ic] * w[0]);
        } else {
          sum += x[n * s.ic + i] * w[i];
        }
      }
      y[n * s.oc + o] = sum;
    }
  }

  template <class T>
  static void backward_row(const Shape& s, std::int64_t o, const T* w, const T* dy, T* dx) {
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t i = 0; i < s.ic; ++i) {
        T& sum = dx[n * s.ic + i];
        if (o == 0) {
          sum = start_sum(dy[n * s.oc] * w[i]);
        } else {
          sum += dy[n * s.oc + o] * w[i];
        }
      }
    }
  }
};

}  // namespace flopmeter::quantized
