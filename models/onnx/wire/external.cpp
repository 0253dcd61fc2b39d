#include "models/onnx/wire/external.h"

#include <filesystem>
#include <fstream>

#include "kernels/bad_input.h"

namespace flopmeter::onnx {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const TensorProto& tensor) {
  bad_input("tensor '{}': its data '{}' lies outside of the model's folder", tensor.name,
            tensor.location.substr(0, 200));
}

}  // namespace

void ExternalData::check(const TensorProto& tensor) const {
  const fs::path path(tensor.location);
  if (path.empty() || path.is_absolute() || tensor.location.find('\0') != std::string_view::npos) {
    refuse(tensor);
  }
  for (const fs::path& part : path) {
    if (part == "..") {
      refuse(tensor);
    }
  }
}

bool ExternalData::read(const TensorProto& tensor, std::size_t bytes, std::string& to) const {
  check(tensor);
  if (folder.empty()) {
    return false;
  }
  std::error_code error;
  const fs::path base = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(base / fs::path(tensor.location), error);
  const fs::path inside = path.lexically_relative(base);
  if (error || inside.empty() || *inside.begin() == "..") {
    refuse(tensor);
  }
  if (!fs::is_regular_file(path, error)) {
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  file.seekg(tensor.offset);
  to.resize(bytes);
  if (tensor.offset < 0 || !file.read(to.data(), static_cast<std::streamsize>(bytes))) {
    bad_input("tensor '{}': its data '{}' is shorter than {} bytes at {}", tensor.name,
              tensor.location, bytes, tensor.offset);
  }
  return true;
}

}  // namespace flopmeter::onnx
