// y[n,o,y,x] = b[o] + sum_{c,i,j} x[n, c, y*sh - ph + i*(dh+1), x*sw - pw + j*(dw+1)] * w[o,c,i,j]
// Its gradients, and what the layers of this family share: kernels/conv.
#pragma once

#include "kernels/families/conv/convolution.h"

namespace flopmeter::conv2d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv2d",
    2,
    "mb1ic3ih224oc64kh7sh2ph3",
    "y[n,o,y,x] = b[o] + sum_{c,i,j} x[n,c,y*sh-ph+i*(dh+1),x*sw-pw+j*(dw+1)] * w[o,c,i,j]",
    prepare_onednn,
};

using Layer = conv::Layer<kind>;

}  // namespace flopmeter::conv2d
