// The options of a transformer out of a GGUF file's settings and the names of its tensors.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/family.h"
#include "models/gguf/gguf.h"

namespace flopmeter::gguf {
namespace {

using models::Transformer;

/// Settings with the architecture's name before them.
class Settings {
 public:
  explicit Settings(const Header& header) : header_(header) {
    architecture_ = text("general.architecture");
    if (architecture_.empty()) {
      bad_input("the setting general.architecture is missing");
    }
  }

  std::string_view architecture() const { return architecture_; }

  std::string_view text(std::string_view key) const {
    const auto found = header_.settings.find(key);
    if (found == header_.settings.end()) {
      return {};
    }
    const auto* value = std::get_if<std::string_view>(&found->second);
    return value == nullptr ? std::string_view{} : *value;
  }

  const Value* find(std::string_view key) const {
    const auto found = header_.settings.find(fmt::format("{}.{}", architecture_, key));
    return found == header_.settings.end() ? nullptr : &found->second;
  }

  /// Of a list with one value a layer, the largest.
  std::int64_t number(std::string_view key, std::int64_t otherwise) const {
    const Value* value = find(key);
    if (value == nullptr) {
      return otherwise;
    }
    if (const auto* array = std::get_if<Array>(value);
        array != nullptr && !array->integers.empty()) {
      return *std::ranges::max_element(array->integers);
    }
    const auto* integer = std::get_if<std::int64_t>(value);
    if (integer == nullptr || *integer < 0) {
      bad_input("the setting {}.{} is not a size", architecture_, key);
    }
    return *integer;
  }

  double real(std::string_view key) const {
    const Value* value = find(key);
    const auto* number = value == nullptr ? nullptr : std::get_if<double>(value);
    return number == nullptr ? 0 : *number;
  }

  /// Values that differ from layer to layer.
  bool varies(std::string_view key) const {
    const Value* value = find(key);
    const auto* array = value == nullptr ? nullptr : std::get_if<Array>(value);
    return array != nullptr && !array->integers.empty() &&
           std::ranges::any_of(array->integers,
                               [&](std::int64_t v) { return v != array->integers.front(); });
  }

 private:
  const Header& header_;
  std::string_view architecture_;
};

/// Tensors that no node multiplies with: tables of angles.
bool is_parameter(std::string_view name) { return !name.starts_with("rope_f"); }

struct Names {
  std::unordered_set<std::string_view> all;
  explicit Names(const std::vector<TensorInfo>& tensors) {
    for (const TensorInfo& tensor : tensors) {
      all.insert(tensor.name);
    }
  }
  bool has(std::string_view name) const { return all.contains(name); }
};

std::int64_t vocabulary_of(const Header& header, const Settings& s) {
  for (const TensorInfo& tensor : header.tensors) {
    if (tensor.name == "token_embd.weight" && tensor.dims.size() == 2) {
      return tensor.dims[1];
    }
  }
  const auto tokens = header.settings.find("tokenizer.ggml.tokens");
  if (tokens != header.settings.end() && std::holds_alternative<Array>(tokens->second)) {
    return static_cast<std::int64_t>(std::get<Array>(tokens->second).length);
  }
  return s.number("vocab_size", 0);
}

void read_sizes(const Settings& s, Transformer& t) {
  t.hidden = s.number("embedding_length", 0);
  t.layers = s.number("block_count", 0);
  t.decoder_layers = s.number("decoder_block_count", 0);
  t.heads = s.number("attention.head_count", 0);
  t.kv_heads = s.number("attention.head_count_kv", 0);
  t.head_size = s.number("attention.key_length", 0);
  t.value_size = s.number("attention.value_length", 0);
  t.rotary_size = s.number("rope.dimension_count", 0);
  t.feed_forward = s.number("feed_forward_length", 0);
  t.positions_stored = s.number("context_length", 0);
  t.window = s.number("attention.sliding_window", 0);
  t.softcap = s.real("attn_logit_softcapping");
  t.final_softcap = s.real("final_logit_softcapping");
  t.relative_buckets = s.number("attention.relative_buckets_count", 0);
}

void read_experts(const Settings& s, Transformer& t) {
  t.experts = s.number("expert_count", 0);
  t.active_experts = s.number("expert_used_count", 0);
  t.expert_size = s.number("expert_feed_forward_length", t.feed_forward);
  t.dense_layers = s.number("leading_dense_block_count", 0);
  t.shared_size = s.number("expert_shared_feed_forward_length", 0);
  if (const std::int64_t shared = s.number("expert_shared_count", 0);
      shared > 0 && t.shared_size == 0) {
    t.shared_size = checked_multiply(shared, t.expert_size);
  }
}

void read_latent(const Settings& s, Transformer& t) {
  t.kv_latent = s.number("attention.kv_lora_rank", 0);
  if (t.kv_latent == 0) {
    return;
  }
  t.q_latent = s.number("attention.q_lora_rank", 0);
  t.rope_size = s.number("rope.dimension_count", 0);
  // Newer files have the sizes of the absorbed form beside them.
  t.head_size = s.number("attention.key_length_mla", t.head_size);
  t.value_size = s.number("attention.value_length_mla", t.value_size);
  t.kv_heads = t.heads;
}

/// What a file has is a matter of its tensors, more than of its family.
void read_tensors(const Names& names, Transformer& t) {
  const bool decoder = names.has("blk.0.attn_norm.weight") || names.has("blk.0.attn_q.weight");
  if (!decoder || t.kv_latent > 0) {
    t.tied = names.has("output.weight") ? false : t.tied || t.head;
    return;
  }
  t.tied = !names.has("output.weight");
  t.head_bias = names.has("output.bias");
  t.q_bias = names.has("blk.0.attn_q.bias") || names.has("blk.0.attn_qkv.bias");
  t.o_bias = names.has("blk.0.attn_output.bias");
  t.ff_bias = names.has("blk.0.ffn_up.bias") || names.has("blk.0.ffn_down.bias");
  t.qk_norm = names.has("blk.0.attn_q_norm.weight");
  t.sinks = names.has("blk.0.attn_sinks.weight");
  t.router_bias = names.has("blk.0.ffn_gate_inp.bias");
  t.expert_bias = names.has("blk.0.ffn_up_exps.bias");
  t.token_types = t.kind == models::Kind::encoder && names.has("token_types.weight") ? 2 : 0;
  t.pooler = t.pooler && names.has("cls.weight");
}

/// gemma 2 and gpt-oss alternate, gemma 3 has one of six that sees all, Command R7B one of four.
void set_windows(std::string_view architecture, Transformer& t) {
  const std::int64_t every = architecture == "gemma3"                                ? 6
                             : architecture == "cohere2"                             ? 4
                             : architecture == "gemma2" || architecture == "gpt-oss" ? 2
                                                                                     : 0;
  for (std::int64_t i = 0; every > 0 && i < t.layers && i < 100'000; ++i) {
    t.windowed.push_back((i + 1) % every != 0);
  }
}

Transformer transformer_of(const Header& header, const Settings& s) {
  Transformer t;
  models::gguf_family(s.architecture()).shape(t);
  read_sizes(s, t);
  t.vocabulary = vocabulary_of(header, s);
  read_experts(s, t);
  read_latent(s, t);
  const Names names(header.tensors);
  read_tensors(names, t);
  set_windows(s.architecture(), t);
  for (const std::string_view key :
       {"attention.head_count", "attention.head_count_kv", "feed_forward_length"}) {
    if (s.varies(key)) {
      bad_input("{}.{} differs from layer to layer, which is not supported", s.architecture(), key);
    }
  }
  return models::completed(std::move(t));
}

/// "model-00001-of-00003.gguf" and its fellows.
std::vector<std::string> further_parts(const std::string& path, const Header& header) {
  const auto count = header.settings.find("split.count");
  const auto* parts =
      count == header.settings.end() ? nullptr : std::get_if<std::int64_t>(&count->second);
  const std::size_t of = path.rfind("-of-");
  if (parts == nullptr || *parts <= 1) {
    return {};
  }
  if (of == std::string::npos || of < 6 || *parts > 10'000) {
    bad_input("{} is one of {} parts, but is not named like part-00001-of-{:05}.gguf", path, *parts,
              *parts);
  }
  std::vector<std::string> paths;
  for (std::int64_t i = 1; i <= *parts; ++i) {
    const std::string part = fmt::format("{}{:05}{}", path.substr(0, of - 5), i, path.substr(of));
    if (part != path) {
      paths.push_back(part);
    }
  }
  return paths;
}

void add_tensors(const Header& header, std::map<std::uint32_t, std::int64_t>& elements) {
  for (const TensorInfo& tensor : header.tensors) {
    std::int64_t count = 1;
    for (const std::int64_t dim : tensor.dims) {
      count = checked_multiply(count, dim);
    }
    if (is_parameter(tensor.name)) {
      elements[tensor.type] = checked_add(elements[tensor.type], count);
    }
  }
}

void set_weights(const std::map<std::uint32_t, std::int64_t>& elements, models::Model& model) {
  const std::int64_t expected = model.parameters;
  model.parameters = 0;
  for (const auto& [type, count] : elements) {
    const TensorType& stored = tensor_type(type);
    model.weights.push_back({std::string(stored.name), count, 0});
    model.weights.back().bytes_of_block = stored.bytes;
    model.weights.back().block = stored.block;
    model.parameters = checked_add(model.parameters, count);
  }
  if (model.parameters == 0) {
    model.parameters = expected;
    model.remarks.emplace_back("the file has no tensors: parameters are those of its settings");
  } else if (model.parameters != expected) {
    model.remarks.push_back(fmt::format(
        "the file stores {} parameters, its settings make {}: nodes are by the settings",
        model.parameters, expected));
  }
}

/// The data of all tensors begin at a multiple of the alignment.
std::uint64_t data_begin(const Header& header) {
  const auto found = header.settings.find("general.alignment");
  const auto* given =
      found == header.settings.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  const std::int64_t alignment = given == nullptr ? 32 : *given;
  if (alignment < 1 || alignment > 1 << 20) {
    bad_input("general.alignment is {}", alignment);
  }
  const auto unit = static_cast<std::uint64_t>(alignment);
  return (header.data + unit - 1) / unit * unit;
}

/// Where the tensor's numbers lie; null where the file ends before.
const std::byte* data_of(const TensorInfo& tensor, std::int64_t elements, std::uint64_t begin,
                         std::string_view bytes) {
  const TensorType& type = tensor_type(tensor.type);
  const auto size = static_cast<std::uint64_t>(checked_multiply(elements / type.block, type.bytes));
  const bool inside = tensor.offset <= bytes.size() && begin <= bytes.size() - tensor.offset &&
                      size <= bytes.size() - tensor.offset - begin;
  return inside ? reinterpret_cast<const std::byte*>(bytes.data() + begin + tensor.offset)
                : nullptr;
}

/// Adds the tensors of one part. False where the part ends before one of them.
bool add_stored(const Header& header, std::string_view bytes, models::LanguageModel& model) {
  const std::uint64_t begin = data_begin(header);
  for (const TensorInfo& tensor : header.tensors) {
    models::StoredTensor stored{.type = std::string(tensor_type(tensor.type).name)};
    stored.columns = tensor.dims.empty() ? 1 : tensor.dims.front();
    for (std::size_t i = 1; i < tensor.dims.size(); ++i) {
      stored.rows = checked_multiply(stored.rows, tensor.dims[i]);
    }
    if (stored.columns % tensor_type(tensor.type).block != 0) {
      bad_input("tensor '{}' has rows of {} numbers, no multiple of a block of {}",
                tensor.name.substr(0, 100), stored.columns, tensor_type(tensor.type).block);
    }
    stored.data = data_of(tensor, checked_multiply(stored.rows, stored.columns), begin, bytes);
    if (stored.data == nullptr) {
      return false;
    }
    model.tensors.insert_or_assign(std::string(tensor.name), stored);
  }
  return true;
}

/// Pairs of LLaMA's features are neighbours there: the converter has reordered the rows of its weights.
bool has_neighbours(std::string_view architecture) { return architecture == "llama"; }

double real_or(const Settings& s, std::initializer_list<const char*> keys, double otherwise) {
  for (const char* key : keys) {
    if (const double value = s.real(key); value > 0) {
      return value;
    }
  }
  return otherwise;
}

}  // namespace

models::LanguageModel read_language(std::shared_ptr<const models::MappedFile> file) {
  const Header header = read_header(file->bytes());
  models::LanguageModel model;
  bool whole = add_stored(header, file->bytes(), model);
  model.files.push_back(file);
  Header all = header;
  for (const std::string& path : further_parts(file->path(), header)) {
    model.files.push_back(std::make_shared<const models::MappedFile>(path));
    const Header part = read_header(model.files.back()->bytes());
    whole = add_stored(part, model.files.back()->bytes(), model) && whole;
    all.tensors.insert(all.tensors.end(), part.tensors.begin(), part.tensors.end());
  }
  const Settings settings(all);
  model.transformer = transformer_of(all, settings);
  model.format = fmt::format("GGUF {}, {}", header.version, settings.architecture());
  model.epsilon =
      real_or(settings, {"attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"}, 1e-5);
  model.rotary_base = real_or(settings, {"rope.freq_base"}, 10000);
  model.neighbours = has_neighbours(settings.architecture());
  const bool factors = std::ranges::any_of(
      all.tensors, [](const TensorInfo& tensor) { return tensor.name.starts_with("rope_f"); });
  add_rotary_remark(factors ? "factors of frequencies"
                    : settings.architecture() == "gemma3"
                        ? "another base in layers with a window"
                        : std::string(settings.text(
                              fmt::format("{}.rope.scaling.type", settings.architecture()))),
                    model);
  if (!whole) {
    const auto first =
        std::ranges::find(all.tensors, std::string_view("blk.0.attn_q.weight"), &TensorInfo::name);
    model.dtype = first == all.tensors.end() ? "" : tensor_type(first->type).name;
    model.remarks.emplace_back("the file ends before its tensors: weights are drawn");
    model.tensors.clear();
  } else if (model.tensors.empty()) {
    model.remarks.emplace_back("the file has no tensors: weights are drawn");
  }
  return model;
}

models::Model read(const models::MappedFile& file, const models::ModelOptions& options) {
  Header header = read_header(file.bytes());
  std::map<std::uint32_t, std::int64_t> elements;
  add_tensors(header, elements);
  std::vector<models::MappedFile> parts;
  for (const std::string& path : further_parts(file.path(), header)) {
    parts.emplace_back(path);
    const Header part = read_header(parts.back().bytes());
    add_tensors(part, elements);
    header.tensors.insert(header.tensors.end(), part.tensors.begin(), part.tensors.end());
  }
  const Settings settings(header);
  const Transformer t = transformer_of(header, settings);
  models::Model model = models::transformer_model(t, models::phase_of(options, t));
  model.format = fmt::format("GGUF {}, {}{}", header.version, settings.architecture(),
                             parts.empty() ? "" : fmt::format(", {} parts", parts.size() + 1));
  set_weights(elements, model);
  return model;
}

}  // namespace flopmeter::gguf
