#include "models/other_formats.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace flopmeter::models {
namespace {

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view says;
};

constexpr std::array magics{
    Magic{0, "version https://git-lfs",
          "a pointer of Git LFS, not the model: git lfs pull fetches it"},
    Magic{0, "PK\x03\x04", "a ZIP archive, as PyTorch saves: export the model to ONNX"},
    Magic{0, "\x80\x02", "a pickle, as PyTorch saved: export the model to ONNX"},
    Magic{0, "\x89HDF", "an HDF5 file, as Keras saves: convert the model to ONNX"},
    Magic{4, "TFL3", "a TensorFlow Lite model: convert it to ONNX"},
    Magic{4, "ORTM", "ONNX Runtime's own format: give the ONNX file that it was made of"},
    Magic{0, "<!DOCTYPE", "a page of HTML, not a model"},
    Magic{0, "<html", "a page of HTML, not a model"},
    Magic{0, "<?xml", "an XML file, as OpenVINO writes: give the ONNX file that it was made of"},
    Magic{0, "ggml", "a GGML file, older than GGUF: convert it to GGUF"},
    Magic{0, "tjgg", "a GGML file, older than GGUF: convert it to GGUF"},
    Magic{0, "ir_version:", "an ONNX model as text: give the binary file"},
    Magic{0, "\x1f\x8b", "compressed by gzip: unpack it"},
};

/// A length of eight bytes, and JSON of that length.
bool is_safetensors(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length + 2 || bytes[sizeof length] != '{') {
    return false;
  }
  std::memcpy(&length, bytes.data(), sizeof length);
  return length <= bytes.size() - sizeof length;
}

}  // namespace

std::string_view other_format(std::string_view bytes) {
  for (const Magic& magic : magics) {
    if (bytes.size() > magic.at && bytes.substr(magic.at).starts_with(magic.bytes)) {
      return magic.says;
    }
  }
  return is_safetensors(bytes) ? "weights alone (safetensors): give the config.json beside them"
                               : "";
}

}  // namespace flopmeter::models
