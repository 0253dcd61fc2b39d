#include "kernels/depthwise_separable/depthwise_separable.h"

#include "kernels/conv2d/conv2d.h"
#include "kernels/tolerance.h"

namespace flopmeter::depthwise_separable {
namespace {

/// The shape as one convolution, whose axes and notation it has.
conv2d::Shape whole(const Shape& s) {
  conv2d::Shape conv = to_shape<conv2d::Layer>(Values(conv2d::Layer::fields.size(), unset));
  conv.g = 1;
  conv.mb = s.mb;
  conv.ic = s.ic;
  conv.ih = s.ih;
  conv.iw = s.iw;
  conv.oc = s.oc;
  conv.oh = s.oh;
  conv.ow = s.ow;
  conv.kh = s.kh;
  conv.kw = s.kw;
  conv.sh = s.sh;
  conv.sw = s.sw;
  conv.ph = s.ph;
  conv.pw = s.pw;
  conv.bias = s.bias;
  return conv;
}

Shape taken(const conv2d::Shape& c) {
  return {c.mb, c.ic, c.ih, c.iw, c.oc, c.oh, c.ow, c.kh, c.kw, c.sh, c.sw, c.ph, c.pw, c.bias};
}

}  // namespace

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.oc == unset) {
    bad_input("depthwise_separable needs ic and oc, as in mb1ic32ih112oc64kh3ph1");
  }
  return taken(conv2d::Layer::complete(whole(s)));
}

std::string Layer::print(const Shape& s) {
  return print_shape<conv2d::Layer>(conv2d::Layer::complete(whole(s)));
}

Shape Layer::padded_out(const Shape& s) {
  return taken(conv2d::Layer::padded_out(conv2d::Layer::complete(whole(s))));
}

std::vector<Variable> Layer::variables(const Shape& s) {
  return conv2d::Layer::variables(conv2d::Layer::complete(whole(s)));
}

Composition Layer::composition(const Shape& s) {
  conv2d::Shape depthwise = conv2d::Layer::complete(whole(s));
  depthwise.g = s.ic;
  depthwise.oc = s.ic;
  const std::string pointwise = fmt::format("mb{}ic{}ih{}iw{}oc{}oh{}ow{}kh1kw1bias{}", s.mb, s.ic,
                                            s.oh, s.ow, s.oc, s.oh, s.ow, s.bias);
  return {{{"src", {s.mb, s.ic, s.ih, s.iw}, Role::input},
           {"dst", {s.mb, s.oc, s.oh, s.ow}, Role::output}},
          {{"depthwise",
            "conv2d",
            print_shape<conv2d::Layer>(depthwise),
            {{"src", "src"}, {"dst", "channels"}}},
           {"pointwise", "conv2d", pointwise, {{"src", "channels"}, {"dst", "dst"}}}}};
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  switch (pass) {
    case Pass::forward:
      return nested_sums_tolerance({s.kh * s.kw + s.bias, s.ic + s.bias}, dtype);
    case Pass::backward_data:
      return nested_sums_tolerance({s.oc, s.kh * s.kw}, dtype);
    case Pass::backward_weights:
      break;
  }
  return nested_sums_tolerance({std::max(s.oc, s.kh * s.kw), s.mb * s.oh * s.ow}, dtype);
}

}  // namespace flopmeter::depthwise_separable
