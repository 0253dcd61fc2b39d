// y[n,o,z,y,x] = b[o] + sum_{c,k,i,j} x[n,c,r,p,q] * w[c,o,k,i,j], r*sd-pd+k*(dd+1) = z,
//     p*sh-ph+i*(dh+1) = y, q*sw-pw+j*(dw+1) = x
// Its gradients, and what the layers of this family share: kernels/conv_transpose.
#pragma once

#include "kernels/families/conv_transpose/conv_transpose.h"

namespace flopmeter::conv_transpose3d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv_transpose3d",
    3,
    "mb1ic64id8oc32kd2sd2",
    "y[n,o,z,y,x] = b[o] + sum_{c,k,i,j} x[n,c,r,p,q] * w[c,o,k,i,j], r*sd-pd+k*(dd+1) ="
    " z, p*sh-ph+i*(dh+1) = y, q*sw-pw+j*(dw+1) = x",
    prepare_onednn,
};

using Layer = conv_transpose::Layer<kind>;

}  // namespace flopmeter::conv_transpose3d
