// oneDNN's primitives of recurrent layers, described. For onednn.cpp alone.
#pragma once

#include <tuple>

#include "kernels/families/recurrent/onednn.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::recurrent {

using dnnl::memory;

/// The tensors of one primitive. oneDNN's weights are {layer, direction, input, gate, unit}.
struct Descs {
  memory::desc src, src_iter, src_iter_c, weights_layer, weights_iter, weights_projection, bias,
      dst, dst_iter, dst_iter_c;
};

/// Strides of weights that lie {direction, gate, unit, input}.
inline memory::desc plain_weights(const memory::dims& d) {
  const memory::dim unit = d[2];
  const memory::dim gate = unit * d[4];
  return {d, memory::data_type::f32, {gate * d[3] * d[1], gate * d[3], 1, gate, unit}};
}

inline memory::desc plain_projection(const memory::dims& d) {
  return {d, memory::data_type::f32, {d[1] * d[2] * d[3], d[2] * d[3], 1, d[2]}};
}

struct Dims {
  memory::dims src, src_iter, src_iter_c, weights_layer, weights_iter, weights_projection, bias,
      dst, dst_iter;

  Dims(const Shape& s, const CellSizes& cell, std::int64_t layer)
      : src{s.t, s.mb, s.input(layer)},
        src_iter{1, s.dir, s.mb, s.state_in()},
        src_iter_c{1, s.dir, s.mb, s.dhc},
        weights_layer{1, s.dir, s.input(layer), cell.gates, s.dhc},
        weights_iter{1, s.dir, s.state_in(), cell.gates, s.dhc},
        weights_projection{1, s.dir, s.dhc, s.dic},
        bias{1, s.dir, cell.slots, s.dhc},
        dst{s.t, s.mb, s.results() * s.width()},
        dst_iter{1, s.dir, s.mb, s.width()} {}
};

/// As the tensors lie.
inline Descs plain_descs(const Shape& s, const Dims& d) {
  return {onednn::plain(d.src),
          onednn::plain(d.src_iter),
          onednn::plain(d.src_iter_c),
          plain_weights(d.weights_layer),
          plain_weights(d.weights_iter),
          s.projected() ? plain_projection(d.weights_projection) : memory::desc(),
          onednn::plain(d.bias),
          onednn::plain(d.dst),
          onednn::plain(d.dst_iter),
          onednn::plain(d.src_iter_c)};
}

/// As the primitive is asked for them. The cell state and the bias are always f32,
/// and there always is a bias: oneDNN 2.6 does not compute without.
inline Descs wanted_descs(const Shape& s, const Dims& d, memory::data_type states,
                          memory::data_type weights) {
  return {onednn::row_major(d.src, states),
          onednn::row_major(d.src_iter, states),
          onednn::plain(d.src_iter_c),
          onednn::any_layout(d.weights_layer, weights),
          onednn::any_layout(d.weights_iter, weights),
          s.projected() ? onednn::any_layout(d.weights_projection, weights) : memory::desc(),
          onednn::plain(d.bias),
          onednn::row_major(d.dst, states),
          onednn::row_major(d.dst_iter, states),
          onednn::plain(d.src_iter_c)};
}

struct Described {
  dnnl::primitive_desc_base forward, backward;
};

/// `fixed` stands behind the kind of propagation, `list` takes the tensors out of Descs in the
/// order of the primitive's arguments, which is the same for their gradients.
template <class ForwardPrimitive, class BackwardPrimitive, class Fixed, class List>
Described describe_as(bool training, const Descs& descs, const Descs& gradients, const Fixed& fixed,
                      const List& list) {
  const auto kind =
      training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const auto forward = std::apply(
      [](const auto&... arguments) { return onednn::describe<ForwardPrimitive>(arguments...); },
      std::tuple_cat(std::tuple(kind), fixed, list(descs)));
  if (!training) {
    return {forward, {}};
  }
  return {forward, std::apply(
                       [&](const auto&... arguments) {
                         return onednn::describe_backward<BackwardPrimitive>(forward, arguments...);
                       },
                       std::tuple_cat(std::tuple(dnnl::prop_kind::backward), fixed, list(descs),
                                      list(gradients)))};
}

inline Described describe(Kind kind, const Shape& s, bool training, const Descs& descs,
                          const Descs& gradients) {
  const auto direction = s.dir == 1             ? dnnl::rnn_direction::unidirectional_left2right
                         : s.results() == s.dir ? dnnl::rnn_direction::bidirectional_concat
                                                : dnnl::rnn_direction::bidirectional_sum;
  const auto without_cell_state = [](const Descs& d) {
    return std::tuple(d.src, d.src_iter, d.weights_layer, d.weights_iter, d.bias, d.dst,
                      d.dst_iter);
  };
  const auto with_cell_state = [](const Descs& d) {
    return std::tuple(d.src, d.src_iter, d.src_iter_c, d.weights_layer, d.weights_iter,
                      memory::desc(), d.weights_projection, d.bias, d.dst, d.dst_iter,
                      d.dst_iter_c);
  };
  switch (kind) {
    case Kind::tanh:
      return describe_as<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>(
          training, descs, gradients, std::tuple(dnnl::algorithm::eltwise_tanh, direction),
          without_cell_state);
    case Kind::gru:
      return describe_as<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(
          training, descs, gradients, std::tuple(direction), without_cell_state);
    case Kind::lstm:
      break;
  }
  return describe_as<dnnl::lstm_forward, dnnl::lstm_backward>(
      training, descs, gradients, std::tuple(direction), with_cell_state);
}

}  // namespace flopmeter::recurrent
