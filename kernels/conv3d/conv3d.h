// y[n,o,z,y,x] = b[o] + sum_{c,k,i,j} w[o,c,k,i,j]
//                * x[n, c, z*sd - pd + k*(dd+1), y*sh - ph + i*(dh+1), x*sw - pw + j*(dw+1)]
// Its gradients, and what the layers of this family share: kernels/conv.
#pragma once

#include "kernels/families/conv/convolution.h"

namespace flopmeter::conv3d {

using conv::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

inline constexpr conv::Kind kind{
    "conv3d",
    3,
    "mb1ic3id16ih112oc64kd3pd1",
    "y[n,o,z,y,x] = b[o] + sum_{c,k,i,j}"
    " x[n,c,z*sd-pd+k*(dd+1),y*sh-ph+i*(dh+1),x*sw-pw+j*(dw+1)] * w[o,c,k,i,j]",
    prepare_onednn,
};

using Layer = conv::Layer<kind>;

}  // namespace flopmeter::conv3d
