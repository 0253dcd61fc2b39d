// Headers that a writer here makes, whole and damaged.
#include "models/gguf/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/bad_input.h"
#include "models/testing/temporary_file.h"
#include "models/totals.h"

namespace flopmeter::gguf {
namespace {

using flopmeter::testing::TemporaryFile;
using ::testing::HasSubstr;

/// Little-endian, as the machines that write these files.
class Writer {
 public:
  template <class T>
  Writer& put(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof value);
    return *this;
  }
  Writer& text(std::string_view value) {
    put<std::uint64_t>(value.size());
    bytes += value;
    return *this;
  }
  Writer& setting(std::string_view key, std::uint32_t value) {
    ++settings;
    return text(key).put<std::uint32_t>(4).put(value);
  }
  Writer& name(std::string_view key, std::string_view value) {
    ++settings;
    return text(key).put<std::uint32_t>(8).text(value);
  }
  std::string bytes;
  std::uint64_t settings = 0;
};

struct Stored {
  std::string name;
  std::vector<std::uint64_t> dims;
  std::uint32_t type;
};

std::string gguf_file(const Writer& settings, const std::vector<Stored>& tensors,
                      std::uint32_t version = 3) {
  Writer w;
  w.bytes = "GGUF";
  w.put(version).put<std::uint64_t>(tensors.size()).put(settings.settings);
  w.bytes += settings.bytes;
  for (const Stored& tensor : tensors) {
    w.text(tensor.name).put(static_cast<std::uint32_t>(tensor.dims.size()));
    for (const std::uint64_t dim : tensor.dims) {
      w.put(dim);
    }
    w.put(tensor.type).put<std::uint64_t>(0);
  }
  return w.bytes;
}

Writer llama_settings() {
  Writer w;
  w.name("general.architecture", "llama")
      .setting("llama.block_count", 32)
      .setting("llama.embedding_length", 4096)
      .setting("llama.feed_forward_length", 14336)
      .setting("llama.attention.head_count", 32)
      .setting("llama.attention.head_count_kv", 8)
      .setting("llama.vocab_size", 128256)
      .setting("llama.context_length", 131072);
  return w;
}

/// q4_0 is number 2, f32 number 0.
std::vector<Stored> llama_tensors() {
  std::vector<Stored> tensors{{"token_embd.weight", {4096, 128256}, 2},
                              {"output.weight", {4096, 128256}, 14},
                              {"output_norm.weight", {4096}, 0},
                              {"rope_freqs.weight", {64}, 0}};
  for (int i = 0; i < 32; ++i) {
    const std::string b = "blk." + std::to_string(i) + ".";
    tensors.push_back({b + "attn_norm.weight", {4096}, 0});
    tensors.push_back({b + "ffn_norm.weight", {4096}, 0});
    tensors.push_back({b + "attn_q.weight", {4096, 4096}, 2});
    tensors.push_back({b + "attn_k.weight", {4096, 1024}, 2});
    tensors.push_back({b + "attn_v.weight", {4096, 1024}, 2});
    tensors.push_back({b + "attn_output.weight", {4096, 4096}, 2});
    tensors.push_back({b + "ffn_gate.weight", {4096, 14336}, 2});
    tensors.push_back({b + "ffn_up.weight", {4096, 14336}, 2});
    tensors.push_back({b + "ffn_down.weight", {14336, 4096}, 2});
  }
  return tensors;
}

models::Model read_gguf(const std::string& bytes, const models::ModelOptions& options = {}) {
  const TemporaryFile file(bytes, "model.gguf");
  return models::read_model_file(file.path(), options);
}

TEST(Gguf, ReadsLlama) {
  for (const std::uint32_t version : {2U, 3U}) {
    models::ModelOptions options;
    options.phase = "decode";
    options.past = 4096;
    const models::Model model =
        read_gguf(gguf_file(llama_settings(), llama_tensors(), version), options);
    EXPECT_EQ(model.parameters, 8'030'261'248);
    EXPECT_EQ(models::totals_of(model, Pass::forward).dense.macs, 8'578'662'400);
    EXPECT_THAT(model.format, HasSubstr("llama"));
  }
}

/// 18 bytes for 32 numbers.
TEST(Gguf, KnowsBytesOfBlocks) {
  const models::Model model = read_gguf(gguf_file(llama_settings(), llama_tensors()));
  for (const models::WeightType& type : model.weights) {
    if (type.name == "q4_0") {
      EXPECT_EQ(type.bytes(), type.elements / 32 * 18);
      EXPECT_EQ(type.elements, 8'030'261'248 - 128256LL * 4096 - 65 * 4096);
    }
  }
}

std::string gguf_error(const std::string& bytes) {
  try {
    read_gguf(bytes);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Gguf, RefusesDamagedHeaders) {
  const std::string whole = gguf_file(llama_settings(), llama_tensors());
  EXPECT_THAT(gguf_error(whole.substr(0, whole.size() - 1)),
              HasSubstr("bytes are missing at byte"));
  EXPECT_THAT(gguf_error("GGUF\x09" + std::string(20, '\0')), HasSubstr("GGUF version 9"));
  Writer huge;
  huge.text("k").put<std::uint32_t>(9).put<std::uint32_t>(4).put(UINT64_MAX);
  huge.settings = 1;
  EXPECT_THAT(gguf_error(gguf_file(huge, {})), HasSubstr("is longer than the file"));
  EXPECT_THAT(gguf_error(gguf_file(llama_settings(), {{"a", {UINT64_MAX}, 0}})),
              HasSubstr("tensor 'a' has a dimension of"));
  EXPECT_THAT(gguf_error(gguf_file(llama_settings(), {{"a", {4}, 4}})),
              HasSubstr("the tensor type 4 is not known"));
  Writer other;
  other.name("general.architecture", "mamba");
  EXPECT_THAT(gguf_error(gguf_file(other, {})), HasSubstr("'mamba' is not known: one of llama"));
  for (std::size_t i = 0; i < 400; ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xFF);
    gguf_error(damaged);
    gguf_error(whole.substr(0, i));
  }
}

}  // namespace
}  // namespace flopmeter::gguf
