// The oneDNN backends of a build without oneDNN.
#include "kernels/images/images.h"
#include "kernels/images/lrn.h"

namespace flopmeter::images {
namespace {

Unavailable absent_library() { return {"this build has no oneDNN"}; }

}  // namespace

Preparation prepare_nearest(const ResampleShape&, const Setup&, Tensors<float>&) {
  return absent_library();
}

Preparation prepare_linear(const ResampleShape&, const Setup&, Tensors<float>&) {
  return absent_library();
}

Preparation prepare_lrn(const Lrn::Shape&, const Setup&, Tensors<float>&) {
  return absent_library();
}

}  // namespace flopmeter::images
