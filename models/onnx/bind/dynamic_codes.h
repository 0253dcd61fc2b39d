// Real numbers as integers of 8 bits by their own range, as DynamicQuantizeLinear defines them.
#pragma once

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

struct DynamicCodes {
  Value codes;  // u8, of x's dimensions
  Value scale;  // a number: 1/255 of the range, widened to 0
  Value zero;   // the code of 0
};

DynamicCodes dynamic_codes(Steps& steps, const Value& x);

}  // namespace flopmeter::onnx
