#include "models/language/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/chain/random_numbers.h"

namespace flopmeter::models {
namespace {

using generation::Format;
using generation::Matrix;

constexpr std::uint64_t seed = 1;

/// Takes tensors by their names in GGUF, or draws them. `plans`: only adds up the bytes.
class Maker {
 public:
  Maker(const LanguageModel& model, std::optional<Format> format, bool plans)
      : model_(model), format_(format), plans_(plans) {}

  LanguageWeights make(std::int64_t layers);

 private:
  bool has(const std::string& name) const { return model_.tensors.contains(name); }
  bool drawn() const { return model_.tensors.empty(); }
  const StoredTensor& stored(const std::string& name, std::int64_t rows,
                             std::int64_t columns) const;
  Format format_of(const std::string& name, const StoredTensor& tensor) const;
  Format wanted(const std::string& name, std::int64_t columns) const;
  Matrix converted(const Matrix& from, Format to);
  /// Rows from <= i < from + rows of a tensor of `all` rows.
  Matrix matrix(const std::string& name, std::int64_t all, std::int64_t from, std::int64_t rows,
                std::int64_t columns);
  Matrix matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    return matrix(name, rows, 0, rows, columns);
  }
  std::vector<float> numbers(const std::string& name, std::int64_t all, std::int64_t from,
                             std::int64_t count, const Range& range);
  std::vector<float> numbers(const std::string& name, std::int64_t count, const Range& range) {
    return numbers(name, count, 0, count, range);
  }
  NormWeights norm(const std::string& name, std::int64_t length, bool shift);
  LinearWeights linear(const std::string& name, std::int64_t rows, std::int64_t columns, bool bias);
  /// One of several that a file may have as parts of one tensor.
  LinearWeights part(const std::string& name, const std::string& whole, std::int64_t all,
                     std::int64_t from, std::int64_t rows, std::int64_t columns, bool bias);
  std::string norm_name(const std::string& prefix, std::initializer_list<const char*> names) const;
  void attention(const std::string& prefix, BlockWeights& block);
  void feed_forward(const std::string& prefix, BlockWeights& block);
  BlockWeights block(std::int64_t i);

  const LanguageModel& model_;
  std::optional<Format> format_;
  bool plans_;
  LanguageWeights made_;
  std::set<std::string_view> formats_;
};

constexpr Range scales{0.5, 1.5};
constexpr Range shifts{-0.1, 0.1};

const StoredTensor& Maker::stored(const std::string& name, std::int64_t rows,
                                  std::int64_t columns) const {
  const auto found = model_.tensors.find(name);
  if (found == model_.tensors.end()) {
    bad_input("{}: the tensor '{}' is missing", model_.path, name);
  }
  const StoredTensor& tensor = found->second;
  if (tensor.rows != rows || tensor.columns != columns) {
    bad_input("{}: tensor '{}' is {} x {}, the settings make it {} x {}", model_.path, name,
              tensor.rows, tensor.columns, rows, columns);
  }
  return tensor;
}

Format Maker::format_of(const std::string& name, const StoredTensor& tensor) const {
  const auto format = generation::format_named(tensor.type);
  if (!format) {
    bad_input("{}: tensor '{}' is stored as {}, which does not run: one of {}", model_.path, name,
              tensor.type, generation::format_names());
  }
  return *format;
}

Format Maker::wanted(const std::string& name, std::int64_t columns) const {
  const Format format = format_.value_or(Format::f32);
  const std::int64_t block = generation::info(format).block;
  if (columns % block != 0) {
    bad_input("{}: {} has rows of {} weights, {} needs a multiple of {}: another --dtype",
              model_.path, name, columns, generation::info(format).name, block);
  }
  return format;
}

Matrix Maker::converted(const Matrix& from, Format to) {
  Matrix made{to, from.rows, from.columns, nullptr};
  made_.made_bytes = checked_add(made_.made_bytes, made.bytes());
  if (plans_) {
    return made;
  }
  generation::Memory& memory = made_.memory.emplace_back(made.bytes());
  made.data = memory.data();
#pragma omp parallel for
  for (std::int64_t i = 0; i < from.rows; ++i) {
    std::vector<float> row(static_cast<std::size_t>(from.columns));
    generation::unpack(from.format, from.row(i), from.columns, row.data());
    generation::pack(to, row.data(), from.columns, memory.data() + i * made.row_bytes());
  }
  return made;
}

Matrix Maker::matrix(const std::string& name, std::int64_t all, std::int64_t from,
                     std::int64_t rows, std::int64_t columns) {
  Matrix made;
  if (!drawn()) {
    const StoredTensor& tensor = stored(name, all, columns);
    made = Matrix{format_of(name, tensor), all, columns, tensor.data}.part(from, rows);
    const bool changes = format_ && made.format != *format_ &&
                         !generation::info(made.format).quantised && *format_ != Format::q4_k &&
                         *format_ != Format::q6_k;
    made = changes ? converted(made, wanted(name, columns)) : made;
  } else {
    made = {wanted(name, columns), rows, columns, nullptr};
    made_.made_bytes = checked_add(made_.made_bytes, made.bytes());
    if (!plans_) {
      generation::Memory& memory = made_.memory.emplace_back(made.bytes());
      made.data = memory.data();
      const double deviation = 1 / std::sqrt(static_cast<double>(columns));
      const auto of_name =
          static_cast<std::uint64_t>(random_numbers(name, seed, 1, {0, 1, 1 << 24}).front());
#pragma omp parallel for
      for (std::int64_t i = 0; i < rows; ++i) {
        generation::draw(made.format, deviation,
                         (of_name << 32U) + static_cast<std::uint64_t>(i) * 0x10001U, columns,
                         memory.data() + i * made.row_bytes());
      }
    }
  }
  made_.bytes = checked_add(made_.bytes, made.bytes());
  formats_.insert(generation::info(made.format).name);
  return made;
}

std::vector<float> Maker::numbers(const std::string& name, std::int64_t all, std::int64_t from,
                                  std::int64_t count, const Range& range) {
  made_.bytes = checked_add(made_.bytes, 4 * count);
  if (drawn()) {
    return plans_ ? std::vector<float>{} : random_numbers(name, seed, count, range);
  }
  const StoredTensor& tensor = stored(name, 1, all);
  const Matrix row{format_of(name, tensor), 1, all, tensor.data};
  std::vector<float> numbers(static_cast<std::size_t>(all));
  generation::unpack(row.format, row.data, all, numbers.data());
  return {numbers.begin() + from, numbers.begin() + from + count};
}

NormWeights Maker::norm(const std::string& name, std::int64_t length, bool shift) {
  NormWeights made{numbers(name + ".weight", length, scales), {}};
  if (shift) {
    made.shift = numbers(name + ".bias", length, shifts);
  }
  return made;
}

LinearWeights Maker::linear(const std::string& name, std::int64_t rows, std::int64_t columns,
                            bool bias) {
  LinearWeights made{matrix(name + ".weight", rows, columns), {}};
  if (bias) {
    made.bias = numbers(name + ".bias", rows, shifts);
  }
  return made;
}

LinearWeights Maker::part(const std::string& name, const std::string& whole, std::int64_t all,
                          std::int64_t from, std::int64_t rows, std::int64_t columns, bool bias) {
  if (has(name + ".weight") || !has(whole + ".weight")) {
    return linear(name, rows, columns, bias);
  }
  LinearWeights made{matrix(whole + ".weight", all, from, rows, columns), {}};
  if (bias) {
    made.bias = numbers(whole + ".bias", all, from, rows, shifts);
  }
  return made;
}

std::string Maker::norm_name(const std::string& prefix,
                             std::initializer_list<const char*> names) const {
  for (const char* name : names) {
    if (has(prefix + name + ".weight")) {
      return prefix + name;
    }
  }
  return prefix + *names.begin();
}

void Maker::attention(const std::string& prefix, BlockWeights& block) {
  const Transformer& t = model_.transformer;
  const std::int64_t q = checked_multiply(t.heads, t.head_size);
  const std::int64_t k = checked_multiply(t.kv_heads, t.head_size);
  const std::int64_t v = checked_multiply(t.kv_heads, t.value_size);
  const std::string whole = prefix + "attn_qkv";
  block.q = part(prefix + "attn_q", whole, q + k + v, 0, q, t.hidden, t.q_bias);
  block.k = part(prefix + "attn_k", whole, q + k + v, q, k, t.hidden, t.q_bias);
  block.v = part(prefix + "attn_v", whole, q + k + v, q + k, v, t.hidden, t.q_bias);
  if (t.qk_norm) {
    block.q_norm = norm(prefix + "attn_q_norm", t.head_size, false);
    block.k_norm = norm(prefix + "attn_k_norm", t.head_size, false);
  }
  if (t.sinks) {
    block.sinks = numbers(prefix + "attn_sinks.weight", t.heads, {-1, 1});
  }
  block.o =
      linear(prefix + "attn_output", t.hidden, checked_multiply(t.heads, t.value_size), t.o_bias);
}

void Maker::feed_forward(const std::string& prefix, BlockWeights& block) {
  const Transformer& t = model_.transformer;
  const std::int64_t size = t.feed_forward;
  const bool gate = is_gated(t.activation);
  // Some files have the gate as the first half of up.
  if (gate && !drawn() && !has(prefix + "ffn_gate.weight")) {
    block.gate = {matrix(prefix + "ffn_up.weight", 2 * size, 0, size, t.hidden), {}};
    block.up = {matrix(prefix + "ffn_up.weight", 2 * size, size, size, t.hidden), {}};
  } else {
    if (gate) {
      block.gate = linear(prefix + "ffn_gate", size, t.hidden, t.ff_bias);
    }
    block.up = linear(prefix + "ffn_up", size, t.hidden, t.ff_bias);
  }
  block.down = linear(prefix + "ffn_down", t.hidden, size, t.ff_bias);
}

BlockWeights Maker::block(std::int64_t i) {
  const Transformer& t = model_.transformer;
  const std::string prefix = fmt::format("blk.{}.", i);
  BlockWeights made;
  const bool shift = t.norm == Norm::layer && t.norm_bias;
  made.attention_norm = norm(prefix + "attn_norm", t.hidden, shift);
  attention(prefix, made);
  if (t.norm_after) {
    made.attention_norm_after =
        norm(norm_name(prefix, {"post_attention_norm", "attn_post_norm"}), t.hidden, shift);
  }
  if (!t.norm_once) {
    made.ffn_norm = norm(norm_name(prefix, {"ffn_norm", "attn_norm_2"}), t.hidden, shift);
  }
  feed_forward(prefix, made);
  if (t.norm_after) {
    made.ffn_norm_after =
        norm(norm_name(prefix, {"post_ffw_norm", "ffn_post_norm"}), t.hidden, shift);
  }
  return made;
}

LanguageWeights Maker::make(std::int64_t layers) {
  const Transformer& t = model_.transformer;
  const bool shift = t.norm == Norm::layer && t.norm_bias;
  made_.random = drawn();
  made_.embedding = matrix("token_embd.weight", t.vocabulary, t.hidden);
  if (t.positions == Positions::learned) {
    made_.positions = matrix("position_embd.weight", t.positions_stored, t.hidden);
  }
  for (std::int64_t i = 0; i < std::min(layers, t.layers); ++i) {
    made_.blocks.push_back(block(i));
  }
  if (t.final_norm) {
    made_.norm = norm("output_norm", t.hidden, shift);
  }
  if (t.tied) {
    made_.head.matrix = made_.embedding;
  } else {
    made_.head.matrix = matrix("output.weight", t.vocabulary, t.hidden);
  }
  if (t.head_bias) {
    made_.head.bias = numbers("output.bias", t.vocabulary, shifts);
  }
  for (const std::string_view name : formats_) {
    made_.stored += fmt::format("{}{}", made_.stored.empty() ? "" : ", ", name);
  }
  return std::move(made_);
}

}  // namespace

std::int64_t weight_bytes(const LanguageModel& model, std::optional<Format> format,
                          std::int64_t layers) {
  return Maker(model, format, true).make(layers).bytes;
}

LanguageWeights planned_weights(const LanguageModel& model, std::optional<Format> format,
                                std::int64_t layers) {
  return Maker(model, format, true).make(layers);
}

LanguageWeights make_weights(const LanguageModel& model, std::optional<Format> format,
                             std::int64_t layers) {
  return Maker(model, format, false).make(layers);
}

}  // namespace flopmeter::models
