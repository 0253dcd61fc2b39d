#include "models/architectures/family.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

void llama(Transformer&) {}

void qwen2(Transformer& t) { t.q_bias = true; }

void qwen2_moe(Transformer& t) {
  t.q_bias = true;
  t.shared_gate = true;
}

void qwen3(Transformer& t) { t.qk_norm = true; }

void gemma(Transformer& t) {
  t.activation = Activation::geglu_tanh;
  t.tied = true;
  t.scaled_embedding = true;
}

void gemma2(Transformer& t) {
  gemma(t);
  t.norm_after = true;
}

void gemma3(Transformer& t) {
  gemma2(t);
  t.qk_norm = true;
}

void gpt_oss(Transformer& t) {
  t.q_bias = t.o_bias = true;
  t.sinks = true;
  t.router_bias = t.expert_bias = true;
}

void deepseek3(Transformer& t) { t.router_correction = true; }

/// The original transformer's layers, learned positions.
void layernorm_biases(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = t.q_bias = t.o_bias = t.ff_bias = true;
}

void gpt2(Transformer& t) {
  layernorm_biases(t);
  t.positions = Positions::learned;
  t.activation = Activation::gelu_tanh;
  t.tied = true;
}

void starcoder2(Transformer& t) {
  layernorm_biases(t);
  t.activation = Activation::gelu_tanh;
  t.tied = true;
}

void bert(Transformer& t) {
  layernorm_biases(t);
  t.kind = Kind::encoder;
  t.positions = Positions::learned;
  t.activation = Activation::gelu;
  t.norm_before = false;
  t.norm_after = true;
  t.final_norm = false;
  t.embedding_norm = true;
  t.head = false;
  t.pooler = true;
}

void distilbert(Transformer& t) {
  bert(t);
  t.pooler = false;
}

void falcon(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = true;
  t.activation = Activation::gelu;
  t.parallel = true;
  t.norm_once = true;
  t.tied = true;
}

void gpt_neox(Transformer& t) {
  layernorm_biases(t);
  t.activation = Activation::gelu;
  t.parallel = true;
}

void phi(Transformer& t) {
  layernorm_biases(t);
  t.activation = Activation::gelu_tanh;
  t.parallel = true;
  t.norm_once = true;
  t.head_bias = true;
}

/// Positions are added to scores.
void bloom(Transformer& t) {
  layernorm_biases(t);
  t.positions = Positions::relative;
  t.activation = Activation::gelu_tanh;
  t.embedding_norm = true;
  t.tied = true;
}

void opt(Transformer& t) {
  layernorm_biases(t);
  t.positions = Positions::learned;
  t.activation = Activation::relu;
  t.tied = true;
}

void gpt_neo(Transformer& t) {
  gpt2(t);
  t.q_bias = false;
  t.scaled = false;
}

void gptj(Transformer& t) {
  phi(t);
  t.q_bias = t.o_bias = false;
}

void mpt(Transformer& t) {
  t.norm = Norm::layer;
  t.positions = Positions::relative;
  t.activation = Activation::gelu;
  t.tied = true;
}

void stablelm(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = true;
}

void cohere(Transformer& t) {
  t.norm = Norm::layer;
  t.parallel = t.norm_once = true;
  t.tied = true;
}

void glm4(Transformer& t) { t.norm_after = true; }

void tied_llama(Transformer& t) { t.tied = true; }

/// An encoder and a decoder of BERT's layers, each with positions of its own.
void bart(Transformer& t) {
  bert(t);
  t.kind = Kind::encoder_decoder;
  t.head = true;
  t.pooler = false;
  t.tied = true;
}

/// The same with norms before.
void mbart(Transformer& t) {
  bart(t);
  t.norm_before = true;
  t.norm_after = false;
  t.final_norm = true;
}

void t5(Transformer& t) {
  t.kind = Kind::encoder_decoder;
  t.positions = Positions::relative;
  t.activation = Activation::relu;
  t.scaled = false;
  t.tied = true;
}

constexpr std::array families{
    Family{"llama", "llama", llama},
    Family{"mistral", "mistral", llama},
    Family{"mixtral", "", llama},
    Family{"qwen2", "qwen2", qwen2},
    Family{"qwen2_moe", "qwen2moe", qwen2_moe},
    Family{"qwen3", "qwen3", qwen3},
    Family{"qwen3_moe", "qwen3moe", qwen3},
    Family{"gemma", "gemma", gemma},
    Family{"gemma2", "gemma2", gemma2},
    Family{"gemma3_text", "gemma3", gemma3},
    Family{"phi3", "phi3", llama},
    Family{"phi", "phi2", phi},
    Family{"gpt_oss", "gpt-oss", gpt_oss},
    Family{"deepseek_v2", "deepseek2", llama},
    Family{"deepseek_v3", "", deepseek3},
    Family{"t5", "t5", t5},
    Family{"bert", "bert", bert},
    Family{"roberta", "", bert},
    Family{"xlm-roberta", "", bert},
    Family{"camembert", "", bert},
    Family{"electra", "", distilbert},
    Family{"distilbert", "", distilbert},
    Family{"falcon", "falcon", falcon},
    Family{"gpt_neox", "gptneox", gpt_neox},
    Family{"starcoder2", "starcoder2", starcoder2},
    Family{"gpt2", "gpt2", gpt2},
    Family{"gpt_bigcode", "starcoder", gpt2},
    Family{"gpt_neo", "", gpt_neo},
    Family{"gptj", "gptj", gptj},
    Family{"codegen", "", gptj},
    Family{"opt", "", opt},
    Family{"bloom", "bloom", bloom},
    Family{"mpt", "mpt", mpt},
    Family{"stablelm", "stablelm", stablelm},
    Family{"cohere", "command-r", cohere},
    Family{"glm", "", llama},
    Family{"glm4", "glm4", glm4},
    Family{"granite", "granite", llama},
    Family{"smollm3", "smollm3", tied_llama},
    Family{"internlm2", "internlm2", llama},
    Family{"bart", "", bart},
    Family{"mbart", "", mbart},
};

const Family& find_family(std::string_view name, std::string_view Family::*key, bool gguf) {
  const auto* const found = std::ranges::find(families, name, key);
  if (found == families.end() || name.empty()) {
    bad_input("the architecture '{}' is not known: one of {}", name.substr(0, 100),
              known_families(gguf));
  }
  return *found;
}

}  // namespace

std::string known_families(bool gguf) {
  std::vector<std::string_view> names;
  for (const Family& family : families) {
    const std::string_view name = gguf ? family.gguf : family.huggingface;
    if (!name.empty()) {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

const Family& huggingface_family(std::string_view name) {
  return find_family(name, &Family::huggingface, false);
}

const Family& gguf_family(std::string_view name) { return find_family(name, &Family::gguf, true); }

}  // namespace flopmeter::models
