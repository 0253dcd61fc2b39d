#include "kernels/embedding/embedding.h"

namespace flopmeter::embedding {

Shape Layer::complete(Shape s) {
  if (s.vocab == unset || s.dim == unset) {
    bad_input("embedding needs vocab and dim, as in mb128vocab30522dim768");
  }
  if (s.vocab > most_rows) {
    bad_input("embedding: vocab is {}, at most {}: f32 holds no larger indices exactly", s.vocab,
              most_rows);
  }
  return s;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass) {
  const Domain rows{Domain::Kind::index, s.vocab};
  const std::int64_t looked_up = checked_multiply(std::min(s.mb, s.vocab), s.dim);
  return {{"src", {s.mb}, Role::input, rows},
          {"weights", {s.vocab, s.dim}, Role::parameter, {}, looked_up},
          {"dst", {s.mb, s.dim}, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass) {
  return unpadded(checked_multiply(s.vocab, s.dim), {});
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::embedding
