#include "models/huggingface/safetensors.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/file/mapped_file.h"

namespace flopmeter::huggingface {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// As the format's own library: a header of any model is far below it.
constexpr std::uint64_t longest_header = 100'000'000;
constexpr std::size_t most_parts = 10'000;

struct StoredType {
  std::string_view dtype, name;
  std::int64_t bits;
};

constexpr std::array stored_types{
    StoredType{"F64", "float64", 64},        StoredType{"F32", "float32", 32},
    StoredType{"F16", "float16", 16},        StoredType{"BF16", "bfloat16", 16},
    StoredType{"F8_E4M3", "float8_e4m3", 8}, StoredType{"F8_E5M2", "float8_e5m2", 8},
    StoredType{"I64", "int64", 64},          StoredType{"I32", "int32", 32},
    StoredType{"I16", "int16", 16},          StoredType{"I8", "int8", 8},
    StoredType{"U64", "uint64", 64},         StoredType{"U32", "uint32", 32},
    StoredType{"U16", "uint16", 16},         StoredType{"U8", "uint8", 8},
    StoredType{"BOOL", "bool", 8},
};

std::string_view header_of(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) {
    bad_input("not a safetensors file: it has {} bytes", bytes.size());
  }
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > longest_header || length > bytes.size() - sizeof length) {
    bad_input("not a whole safetensors file: its header has {} bytes", length);
  }
  return bytes.substr(sizeof length, length);
}

const StoredType& type_of(const std::string& name, const json& tensor) {
  const auto dtype = tensor.find("dtype");
  if (dtype != tensor.end() && dtype->is_string()) {
    for (const StoredType& type : stored_types) {
      if (type.dtype == dtype->get_ref<const std::string&>()) {
        return type;
      }
    }
  }
  bad_input("tensor '{}' has a dtype that is not known", name);
}

/// A list of sizes or offsets.
std::vector<std::int64_t> whole_numbers(const std::string& name, const json& tensor,
                                        const char* key) {
  const auto found = tensor.find(key);
  if (found == tensor.end() || !found->is_array()) {
    bad_input("tensor '{}' has no {}", name, key);
  }
  std::vector<std::int64_t> numbers;
  for (const json& one : *found) {
    if (!one.is_number_integer() || one.get<std::int64_t>() < 0) {
      bad_input("tensor '{}': {} holds what is no size", name, key);
    }
    numbers.push_back(one.get<std::int64_t>());
  }
  return numbers;
}

std::int64_t elements_of(const std::string& name, const json& tensor, const StoredType& type,
                         std::uint64_t data) {
  std::int64_t elements = 1;
  for (const std::int64_t size : whole_numbers(name, tensor, "shape")) {
    elements = checked_multiply(elements, size);
  }
  const auto offsets = whole_numbers(name, tensor, "data_offsets");
  if (offsets.size() != 2 || static_cast<std::uint64_t>(offsets[1]) > data ||
      offsets[1] - offsets[0] != checked_multiply(elements, type.bits / 8)) {
    bad_input("tensor '{}': its data_offsets do not hold its shape", name);
  }
  return elements;
}

void add(std::vector<models::WeightType>& types, const models::WeightType& one) {
  for (models::WeightType& type : types) {
    if (type.name == one.name) {
      type.elements = checked_add(type.elements, one.elements);
      return;
    }
  }
  types.push_back(one);
}

/// The files that the index names, each once. They lie beside it.
std::set<std::string> parts_of(const std::string& path) {
  const models::MappedFile file(path);
  const json index = json::parse(file.bytes(), nullptr, false);
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (map == index.end() || !map->is_object()) {
    bad_input("{}: it has no weight_map", path);
  }
  std::set<std::string> parts;
  for (const json& part : *map) {
    const std::string name = part.is_string() ? part.get<std::string>() : "";
    if (name.empty() || name.find('/') != std::string::npos || parts.size() > most_parts) {
      bad_input("{}: '{}' is no file beside it", path, name);
    }
    parts.insert(name);
  }
  return parts;
}

}  // namespace

std::vector<models::WeightType> read_safetensors(std::string_view bytes) {
  const std::string_view header = header_of(bytes);
  const json tensors = json::parse(header, nullptr, false);
  if (!tensors.is_object()) {
    bad_input("not a safetensors file: its header is no JSON object");
  }
  const std::uint64_t data = bytes.size() - sizeof(std::uint64_t) - header.size();
  std::vector<models::WeightType> types;
  for (const auto& [name, tensor] : tensors.items()) {
    if (name == "__metadata__") {
      continue;
    }
    if (!tensor.is_object()) {
      bad_input("tensor '{}' is not described", name);
    }
    const StoredType& type = type_of(name, tensor);
    add(types, {std::string(type.name), elements_of(name, tensor, type, data), type.bits});
  }
  return types;
}

StoredWeights stored_weights(const std::string& folder) {
  const fs::path at(folder);
  const std::string index = (at / "model.safetensors.index.json").string();
  std::set<std::string> parts{"model.safetensors"};
  std::error_code ignored;
  if (fs::exists(index, ignored)) {
    parts = parts_of(index);
  } else if (!fs::exists(at / *parts.begin(), ignored)) {
    return {};
  }
  StoredWeights stored;
  for (const std::string& part : parts) {
    const std::string path = (at / part).string();
    if (!fs::exists(path, ignored)) {
      return {.types = {},
              .remark =
                  fmt::format("{} is not there: types of weights are those of config.json", part)};
    }
    const models::MappedFile file(path);
    try {
      for (const models::WeightType& type : read_safetensors(file.bytes())) {
        add(stored.types, type);
      }
    } catch (const BadInput& error) {
      bad_input("{}: {}", path, error.what());
    }
  }
  return stored;
}

}  // namespace flopmeter::huggingface
