// Families that generate: what differs from LLaMA.
#include <array>

#include "models/architectures/family.h"

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

void olmo(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_scale = false;
}

void olmo2(Transformer& t) {
  t.norm_before = false;
  t.norm_after = true;
  t.qk_norm_whole = true;
}

void olmoe(Transformer& t) { t.qk_norm_whole = true; }

void exaone4(Transformer& t) {
  t.norm_before = false;
  t.norm_after = true;
  t.qk_norm = true;
}

void nemotron(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = true;
  t.activation = Activation::relu_squared;
}

/// Positions come from the layers that are no attention.
void jamba(Transformer& t) { t.positions = Positions::none; }

void qwen3_next(Transformer& t) {
  t.qk_norm = t.attention_gate = t.shared_gate = true;
  t.recurrence.kind = RecurrenceKind::delta_rule;
  t.recurrence.convolution_bias = false;
}

void phimoe(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = true;
}

constexpr std::array generating{
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
    Family{"olmo", "olmo", olmo},
    Family{"olmo2", "olmo2", olmo2},
    Family{"olmoe", "olmoe", olmoe},
    Family{"exaone4", "", exaone4},
    Family{"nemotron", "nemotron", nemotron},
    Family{"phimoe", "", phimoe},
    Family{"granitemoe", "granitemoe", llama},
    Family{"cohere2", "cohere2", cohere},
    Family{"llama4_text", "", llama},
    Family{"ernie4_5", "ernie4_5", tied_llama},
    Family{"seed_oss", "", llama},
    Family{"glm4_moe", "", deepseek3},
    Family{"kimi_k2", "", deepseek3},
    Family{"qwen2_vl", "qwen2vl", qwen2},
    Family{"qwen2_vl_text", "", qwen2},
    Family{"qwen2_5_vl", "", qwen2},
    Family{"qwen2_5_vl_text", "", qwen2},
    Family{"qwen3_vl_text", "", qwen3},
    Family{"qwen3_next", "", qwen3_next},
    Family{"jamba", "", jamba},
    Family{"qwen3_vl_moe_text", "", qwen3},
};

}  // namespace

void layernorm_biases(Transformer& t) {
  t.norm = Norm::layer;
  t.norm_bias = t.q_bias = t.o_bias = t.ff_bias = true;
}

std::span<const Family> decoder_families() { return generating; }

}  // namespace flopmeter::models
