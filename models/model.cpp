#include "models/model.h"

#include <filesystem>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/file/mapped_file.h"
#include "models/gguf/gguf.h"
#include "models/huggingface/config.h"
#include "models/onnx/read.h"
#include "models/other_formats.h"

namespace flopmeter::models {

const AnyLayer* layer_or_null(std::string_view name) {
  static const auto by_name = [] {
    std::map<std::string_view, const AnyLayer*> map;
    for (const AnyLayer& layer : layers()) {
      map.emplace(layer.name, &layer);
    }
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

std::int64_t WeightType::bytes() const {
  if (stored != 0) {
    return stored;
  }
  return bits != 0
             ? checked_add(checked_multiply(elements, bits), 7) / 8
             : checked_multiply(elements / block + (elements % block != 0 ? 1 : 0), bytes_of_block);
}

namespace {

enum class Format { onnx, gguf, config };

/// A JSON object begins with a brace, behind blanks at the most.
Format format_of(std::string_view bytes) {
  if (bytes.starts_with("GGUF")) {
    return Format::gguf;
  }
  const std::size_t first = bytes.substr(0, 4096).find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{' ? Format::config : Format::onnx;
}

std::string folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

void check_options(Format format, const ModelOptions& options) {
  const bool language =
      !options.phase.empty() || options.tokens != 0 || options.past != 0 || options.batch != 0;
  if (format == Format::onnx && language) {
    bad_input(
        "--phase, --tokens, --past and --batch are for language models: an ONNX file has its "
        "dimensions, --dim name=size");
  }
  if (format != Format::onnx) {
    require_language_options(options);
  }
}

/// Names in files may have any bytes; what is printed is one line, and moves no cursor.
std::string printable(std::string text) {
  for (char& c : text) {
    c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return text;
}

void make_printable(Model& model) {
  for (ModelNode& node : model.nodes) {
    for (std::string* text : {&node.name, &node.path, &node.operation, &node.reason}) {
      *text = printable(std::move(*text));
    }
    for (std::string& covered : node.covers) {
      covered = printable(std::move(covered));
    }
  }
  for (std::string& remark : model.remarks) {
    remark = printable(std::move(remark));
  }
  model.format = printable(std::move(model.format));
}

}  // namespace

void require_language_options(const ModelOptions& options) {
  if (!options.inputs.empty()) {
    bad_input("--input is for ONNX files: language models have tokens, --tokens and --past");
  }
}

Model read_model_file(const std::string& path, const ModelOptions& options) {
  std::string at = path;
  if (std::filesystem::is_directory(path)) {
    at = (std::filesystem::path(path) / "config.json").string();
  }
  const MappedFile file(at);
  if (const std::string_view other = other_format(file.bytes()); !other.empty()) {
    bad_input("{}: {}; ONNX, GGUF and config.json are read", path, other);
  }
  const Format format = format_of(file.bytes());
  check_options(format, options);
  Model model;
  try {
    model = format == Format::gguf     ? gguf::read(file, options)
            : format == Format::config ? huggingface::read(file.bytes(), folder_of(at), options)
                                       : onnx::read(file, options);
  } catch (const BadInput& error) {
    bad_input("{}: {}", path, printable(error.what()));
  } catch (const CountOverflow& error) {
    bad_input("{}: {}", path, printable(error.what()));
  }
  make_printable(model);
  model.path = path;
  return model;
}

}  // namespace flopmeter::models
