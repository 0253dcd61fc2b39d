// y[n,o,x] = b[o] + sum_{c,j} x[n, c, x*sw - pw + j*(dw+1)] * w[o,c,j]
// Its gradients, and what the layers of this family share: kernels/conv.
#pragma once

#include "kernels/families/conv/convolution.h"

namespace flopmeter::conv1d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv1d",
    1,
    "mb1ic80iw3000oc384kw3pw1",
    "y[n,o,x] = b[o] + sum_{c,j} x[n,c,x*sw-pw+j*(dw+1)] * w[o,c,j]",
    prepare_onednn,
};

using Layer = conv::Layer<kind>;

}  // namespace flopmeter::conv1d
