// Eigen on Counted<T>: what Eigen needs to know about the scalar, and where a product that it adds
// to an accumulator has to be seen as a MAC. Eigen keeps products in variables of the scalar type
// before it adds them, so that the pair would otherwise be counted as a multiply and an unrelated
// add.
#pragma once

#include <Eigen/Core>

#include "counters/counted.h"

namespace Eigen {

template <class T>
struct NumTraits<flopmeter::Counted<T>> : NumTraits<T> {
  using Real = flopmeter::Counted<T>;
  using NonInteger = flopmeter::Counted<T>;
  using Literal = flopmeter::Counted<T>;
  using Nested = flopmeter::Counted<T>;
};

namespace internal {

/// Eigen's a * b + c.
template <>
inline flopmeter::Counted<float> pmadd(const flopmeter::Counted<float>& a,
                                       const flopmeter::Counted<float>& b,
                                       const flopmeter::Counted<float>& c) {
  return c + a * b;
}

/// The multiplies of GEMM and GEMV, which stay products until they are added.
template <class T>
struct conj_helper<flopmeter::Counted<T>, flopmeter::Counted<T>, false, false> {
  using Scalar = flopmeter::Counted<T>;
  Scalar pmadd(const Scalar& a, const Scalar& b, const Scalar& c) const { return c + a * b; }
  flopmeter::Product<T> pmul(const Scalar& a, const Scalar& b) const { return a * b; }
};

/// The register block of GEMM. Without FMA Eigen splits its madd into a multiply and an add through
/// a temporary; this is the madd that it uses with FMA, so that both builds count the same. Every
/// other trait is Eigen's own: the base is its primary template, under an architecture that does
/// not exist.
template <class T, int packet_size>
class gebp_traits<flopmeter::Counted<T>, flopmeter::Counted<T>, false, false, Architecture::Target,
                  packet_size> : public gebp_traits<flopmeter::Counted<T>, flopmeter::Counted<T>,
                                                    false, false, -1, packet_size> {
 public:
  using Scalar = flopmeter::Counted<T>;

  template <class Lane>
  void madd(const Scalar& a, const Scalar& b, Scalar& sum, Scalar&, const Lane&) const {
    sum += a * b;
  }
  template <class Lane>
  void madd(const Scalar& a, const QuadPacket<Scalar>& b, Scalar& sum, Scalar&,
            const Lane& lane) const {
    sum += a * b.get(lane);
  }
};

/// The counted GEMM is cut into the blocks of the timed one, whose packets are wider.
template <>
inline void evaluateProductBlockingSizesHeuristic<
    flopmeter::Counted<float>, flopmeter::Counted<float>, 1, Index>(Index& k, Index& m, Index& n,
                                                                    Index threads) {
  evaluateProductBlockingSizesHeuristic<float, float, 1, Index>(k, m, n, threads);
}

/// A sum over coefficient-wise products, as in small products and dot products: each term is a MAC.
/// The loop is Eigen's own for scalars that have no packets.
template <class T, class Multiply, class Lhs, class Rhs>
struct SumOfProducts {
  using Evaluator = redux_evaluator<CwiseBinaryOp<Multiply, Lhs, Rhs>>;
  using Sum = scalar_sum_op<flopmeter::Counted<T>, flopmeter::Counted<T>>;

  template <class Expression>
  static flopmeter::Counted<T> run(const Evaluator& evaluator, const Sum& sum,
                                   const Expression& expression) {
    flopmeter::tally.macs += expression.size();
    flopmeter::Counted<T> result = evaluator.coeffByOuterInner(0, 0);
    for (Index i = 1; i < expression.size(); ++i) {
      result = sum(result, evaluator.coeffByOuterInner(0, i));
    }
    return result;
  }
};

template <class T, class Lhs, class Rhs>
struct redux_impl<scalar_sum_op<flopmeter::Counted<T>, flopmeter::Counted<T>>,
                  redux_evaluator<CwiseBinaryOp<
                      scalar_product_op<flopmeter::Counted<T>, flopmeter::Counted<T>>, Lhs, Rhs>>,
                  DefaultTraversal, NoUnrolling>
    : SumOfProducts<T, scalar_product_op<flopmeter::Counted<T>, flopmeter::Counted<T>>, Lhs, Rhs> {
};

template <class T, class Lhs, class Rhs>
struct redux_impl<
    scalar_sum_op<flopmeter::Counted<T>, flopmeter::Counted<T>>,
    redux_evaluator<CwiseBinaryOp<
        scalar_conj_product_op<flopmeter::Counted<T>, flopmeter::Counted<T>>, Lhs, Rhs>>,
    DefaultTraversal, NoUnrolling>
    : SumOfProducts<T, scalar_conj_product_op<flopmeter::Counted<T>, flopmeter::Counted<T>>, Lhs,
                    Rhs> {};

}  // namespace internal
}  // namespace Eigen
