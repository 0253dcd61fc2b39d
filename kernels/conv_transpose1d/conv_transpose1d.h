// y[n,o,x] = b[o] + sum_{c,j} x[n,c,p] * w[c,o,j], p*sw-pw+j*(dw+1) = x
// Its gradients, and what the layers of this family share: kernels/conv_transpose.
#pragma once

#include "kernels/families/conv_transpose/conv_transpose.h"

namespace flopmeter::conv_transpose1d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv_transpose1d",
    1,
    "mb1ic512iw100oc256kw16sw8pw4",
    "y[n,o,x] = b[o] + sum_{c,j} x[n,c,p] * w[c,o,j], p*sw-pw+j*(dw+1) = x",
    prepare_onednn,
};

using Layer = conv_transpose::Layer<kind>;

}  // namespace flopmeter::conv_transpose1d
