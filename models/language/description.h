// A language model that is to run: its options, its weights' source, and why it cannot.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/generation/format.h"
#include "models/architectures/transformer.h"
#include "models/file/mapped_file.h"

namespace flopmeter::models {

/// A tensor in a file: rows of `columns` numbers; `data` is null where the file ends before it.
struct StoredTensor {
  std::string type;  // as the file calls it
  std::int64_t rows = 1, columns = 0;
  const std::byte* data = nullptr;
};

struct LanguageModel {
  std::string path, format;
  Transformer transformer;
  double epsilon = 1e-5;       // of norms
  double rotary_base = 10000;  // of angles
  bool neighbours = false;     // rotary pairs are neighbours, not halves
  std::string dtype;           // of the weights, as the file says; empty: it does not
  std::vector<std::string> remarks = {};
  std::map<std::string, StoredTensor, std::less<>> tensors = {};  // of GGUF files, with data
  std::vector<std::shared_ptr<const MappedFile>> files = {};      // that they lie in
};

/// Says that angles are not scaled in the way that the file asks for: "yarn", "llama3"; nothing for "", "none" and
/// "default".
void add_rotary_remark(const std::string& scaling, LanguageModel& model);

/// Whether the file is a language model's: GGUF or a config.json (or its folder), by its content.
bool is_language_model(const std::string& path);

/// Reads the options and where weights lie, no weights. Throws BadInput, among others naming what of the architecture
/// does not run.
LanguageModel read_language_model(const std::string& path);

}  // namespace flopmeter::models
