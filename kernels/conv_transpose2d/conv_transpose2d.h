// y[n,o,y,x] = b[o] + sum_{c,i,j} x[n,c,p,q] * w[c,o,i,j], p*sh-ph+i*(dh+1) = y, q*sw-pw+j*(dw+1)
//     = x
// Its gradients, and what the layers of this family share: kernels/conv_transpose.
#pragma once

#include "kernels/families/conv_transpose/conv_transpose.h"

namespace flopmeter::conv_transpose2d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv_transpose2d",
    2,
    "mb1ic64ih28oc32kh4sh2ph1",
    "y[n,o,y,x] = b[o] + sum_{c,i,j} x[n,c,p,q] * w[c,o,i,j], p*sh-ph+i*(dh+1) = y,"
    " q*sw-pw+j*(dw+1) = x",
    prepare_onednn,
};

using Layer = conv_transpose::Layer<kind>;

}  // namespace flopmeter::conv_transpose2d
