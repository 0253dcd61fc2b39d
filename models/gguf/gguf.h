// The header of a GGUF file, versions 2 and 3: settings by name, and the shapes of all tensors. The data
// behind it is never read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "models/file/mapped_file.h"
#include "models/language/description.h"
#include "models/model.h"

namespace flopmeter::gguf {

/// An array keeps its length, and its integers where it has few.
struct Array {
  std::uint64_t length = 0;
  std::vector<std::int64_t> integers;
};
using Value = std::variant<std::int64_t, double, bool, std::string_view, Array>;

struct TensorInfo {
  std::string_view name;
  std::vector<std::int64_t> dims;  // the innermost first
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  // of its data, behind the header
};

struct Header {
  std::uint32_t version = 0;
  std::map<std::string_view, Value> settings;
  std::vector<TensorInfo> tensors;
  std::uint64_t data = 0;  // where the header ends, and the first tensor's data may begin
};

/// How a tensor type stores its numbers: `bytes` for `block` of them.
struct TensorType {
  std::string_view name;
  std::int64_t block = 0, bytes = 0;
};

/// Throws BadInput with the offset for whatever is cut off, too long or unknown.
Header read_header(std::string_view bytes);

/// Throws BadInput for a type that GGUF does not have (or has no more).
const TensorType& tensor_type(std::uint32_t type);

/// What a run needs: options, and where in the file, or in the further parts of a split one, each tensor lies. A file
/// that ends before its tensors has none. Throws BadInput.
models::LanguageModel read_language(std::shared_ptr<const models::MappedFile> file);

/// With the further parts of a split file beside it. Throws BadInput.
models::Model read(const models::MappedFile& file, const models::ModelOptions& options);

}  // namespace flopmeter::gguf
