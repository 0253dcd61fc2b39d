#include "models/language/description.h"

#include <fmt/format.h>

#include <filesystem>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/gguf/gguf.h"
#include "models/huggingface/config.h"
#include "models/other_formats.h"

namespace flopmeter::models {
namespace {

std::string file_of(const std::string& path) {
  return std::filesystem::is_directory(path)
             ? (std::filesystem::path(path) / "config.json").string()
             : path;
}

bool is_object(std::string_view bytes) {
  const std::size_t first = bytes.substr(0, 4096).find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{';
}

/// What an option of an architecture is called, where it keeps the model from running.
std::string_view what_does_not_run(const Transformer& t) {
  return t.kind == Kind::encoder              ? "an encoder has no cache to decode with"
         : t.kind == Kind::encoder_decoder    ? "an encoder and decoder in one"
         : t.kv_latent > 0                    ? "latent attention (MLA)"
         : !t.recurrent.empty()               ? "layers with a state in place of attention"
         : t.attention_gate                   ? "a gate behind attention"
         : t.experts > 0                      ? "a mixture of experts"
         : t.positions == Positions::relative ? "positions that are added to scores"
         : !t.norm_before                     ? "norms behind blocks alone"
         : t.embedding_norm                   ? "a norm of the embedding"
         : !t.scaled                          ? "scores that are not scaled"
         : t.qk_norm_whole                    ? "norms of queries and keys of all heads together"
         : !t.norm_scale                      ? "norms without a scale"
         : t.embedding_size > 0               ? "an embedding of another size than the layers'"
         : t.positions == Positions::fixed    ? "positions of sines"
         : t.activation == Activation::relu_squared || t.activation == Activation::quick_gelu
             ? "its activation"
             : "";
}

}  // namespace

void add_rotary_remark(const std::string& scaling, LanguageModel& model) {
  const bool plain = scaling.empty() || scaling == "none" || scaling == "default";
  if (!plain && model.transformer.positions == Positions::rotary) {
    model.remarks.push_back(
        fmt::format("rotary angles of the file ({}) are not scaled in that way: the operations are "
                    "the same, the "
                    "logits are not those of the trained model",
                    scaling));
  }
}

bool is_language_model(const std::string& path) {
  const MappedFile file(file_of(path));
  return other_format(file.bytes()).empty() &&
         (file.bytes().starts_with("GGUF") || is_object(file.bytes()));
}

LanguageModel read_language_model(const std::string& path) {
  auto file = std::make_shared<const MappedFile>(file_of(path));
  LanguageModel model;
  try {
    model = file->bytes().starts_with("GGUF") ? gguf::read_language(file)
                                              : huggingface::read_language(file->bytes());
  } catch (const BadInput& error) {
    bad_input("{}: {}", path, error.what());
  } catch (const CountOverflow& error) {
    bad_input("{}: {}", path, error.what());
  }
  model.path = path;
  if (const std::string_view what = what_does_not_run(model.transformer); !what.empty()) {
    bad_input(
        "{}: {} does not run ({}): it is counted without --time, and --time runs decoders with "
        "grouped or full attention and a dense feed-forward",
        path, what, model.format);
  }
  return model;
}

}  // namespace flopmeter::models
