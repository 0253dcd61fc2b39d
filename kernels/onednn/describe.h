// How a primitive is described. oneDNN 2 wants an operation descriptor first, oneDNN 3 does not:
// this is the only place that knows.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace flopmeter::onednn {

/// The CPU.
const dnnl::engine& engine();

/// The primitive descriptor for the arguments of oneDNN 2's operation descriptor, which are those
/// of oneDNN 3's primitive descriptor between the engine and the attributes. Throws dnnl::error.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), arguments...);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), engine());
#endif
}

}  // namespace flopmeter::onednn
