// A transformer as its options: every family of language models is a choice among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"

namespace flopmeter::models {

enum class Norm { rms, layer };
enum class Activation { swiglu, geglu, geglu_tanh, gelu, gelu_tanh, relu, silu };
/// Whether a gate is multiplied with what goes up.
bool is_gated(Activation activation);

/// The layer that it is, without the gate: "silu".
std::string_view function_of(Activation activation);
enum class Positions { rotary, learned, relative, none };
/// What the model is: decoder (generates), encoder (one pass over all tokens), or both.
enum class Kind { decoder, encoder, encoder_decoder };

/// Sizes are features, of one layer unless said otherwise. 0: there is none.
struct Transformer {
  Kind kind = Kind::decoder;
  std::int64_t layers = 0, decoder_layers = 0;  // of the decoder where there are both
  std::int64_t hidden = 0, vocabulary = 0, positions_stored = 0, token_types = 0;

  std::int64_t heads = 0, kv_heads = 0, head_size = 0, value_size = 0;
  Positions positions = Positions::rotary;
  std::int64_t rotary_size = 0;  // of a head; head_size where all of it turns
  std::int64_t relative_buckets = 0;
  bool scaled = true;  // scores are divided by the root of the head size
  bool q_bias = false, o_bias = false, qk_norm = false, sinks = false;
  double softcap = 0, final_softcap = 0;
  std::int64_t window = 0;          // keys that a query sees, in the layers that have one
  std::vector<bool> windowed = {};  // which; empty: all where there is a window

  // Latent attention: keys and values come out of one small vector.
  std::int64_t q_latent = 0, kv_latent = 0, rope_size = 0;

  Norm norm = Norm::rms;
  bool norm_bias = false;
  bool norm_before = true, norm_after = false;  // of a block; gemma 2 has both
  bool norm_once = false;                       // one norm for attention and feed-forward
  bool final_norm = true;
  bool embedding_norm = false;
  bool scaled_embedding = false;

  Activation activation = Activation::swiglu;
  std::int64_t feed_forward = 0;
  bool ff_bias = false;
  bool parallel = false;  // attention and feed-forward read the same

  std::int64_t experts = 0, active_experts = 0, expert_size = 0, shared_size = 0, dense_layers = 0;
  bool router_bias = false, expert_bias = false, shared_gate = false;
  bool router_correction = false;  // a bias that only chooses

  bool tied = false;  // the output is the embedding
  bool head = true;   // logits at the end
  bool head_bias = false;
  bool pooler = false;
};

/// How many tokens go through, and how many were there before.
struct Phase {
  std::int64_t batch = 1, tokens = 1, past = 0;
};

/// Fills in what follows from the rest (head sizes, key heads). Throws BadInput naming what is missing
/// or impossible.
Transformer completed(Transformer t);

/// Keys that a query sees in that layer; 0: all.
std::int64_t window_of(const Transformer& t, std::size_t layer);

/// All nodes of one pass, and the parameters. Throws BadInput and CountOverflow.
Model transformer_model(const Transformer& t, const Phase& phase);

/// prefill of --tokens, or decode of one token behind --past. Throws BadInput for anything else.
Phase phase_of(const ModelOptions& options, Kind kind);

}  // namespace flopmeter::models
