// A libFuzzer target for everything that reads a model: any bytes are counted or refused with one line.
// docs/models.md says how it is built and run; models/fuzz_test.cpp does the same without clang.
#include <cstddef>
#include <cstdint>

#include "models/testing/read_any.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flopmeter::testing::read_any({reinterpret_cast<const char*>(data), size});
  return 0;
}
