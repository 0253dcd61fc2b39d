// A transformer as its options: every family of language models is a choice among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/architectures/recurrence.h"
#include "models/model.h"

namespace flopmeter::models {

enum class Norm { rms, layer };
enum class Activation {
  swiglu,
  geglu,
  geglu_tanh,
  gelu,
  gelu_tanh,
  relu,
  silu,
  quick_gelu,
  relu_squared
};
/// Whether a gate is multiplied with what goes up.
bool is_gated(Activation activation);

/// The layer that it is, without the gate: "silu".
std::string_view function_of(Activation activation);
/// fixed: a table of sines that is added and is no parameter.
enum class Positions { rotary, learned, fixed, relative, none };
/// What the model is: decoder (generates), encoder (one pass over all tokens), or both.
enum class Kind { decoder, encoder, encoder_decoder };

/// What an encoder reads in place of tokens: an image in squares of `patch` pixels.
struct Patches {
  std::int64_t height = 0, width = 0, channels = 3, patch = 0;
  std::int64_t extra = 1;   // tokens that stand for no square, learned
  std::int64_t unused = 0;  // further ones that only training uses
  bool bias = true;

  std::int64_t count() const { return (height / patch) * (width / patch); }
};

/// What an encoder reads in place of tokens: two convolutions over frames of a spectrum, the second of which
/// halves their number.
struct Spectrum {
  std::int64_t bands = 0, frames = 0;  // frames behind the convolutions
};

/// What an encoder reads in place of tokens: samples of sound, through convolutions of these sizes one behind the other.
/// Positions are a further convolution of the frames behind them.
struct Waveform {
  struct Convolution {
    std::int64_t channels, taps, stride;
  };
  std::vector<Convolution> convolutions;
  bool bias = false, norms = false;  // of each; else the first alone has a norm, by channel
  std::int64_t position_taps = 128, position_groups = 16;
  bool masked = true;  // one learned frame stands for those that training hides

  /// Samples of which so many frames are made.
  std::int64_t samples(std::int64_t frames) const;
};

/// Disentangled attention (DeBERTa): keys and queries also of a table of relative positions.
struct RelativePositions {
  std::int64_t rows = 0;
  bool keys = false, queries = false;  // content to position, position to content
  bool normed = false;                 // the table has a norm
};

/// Sizes are features, of one layer unless said otherwise. 0: there is none.
struct Transformer {
  Kind kind = Kind::decoder;
  std::int64_t layers = 0, decoder_layers = 0;  // of the decoder where there are both
  std::int64_t hidden = 0, vocabulary = 0, positions_stored = 0, token_types = 0;

  std::int64_t heads = 0, kv_heads = 0, head_size = 0, value_size = 0;
  Positions positions = Positions::rotary;
  std::int64_t rotary_size = 0;  // of a head; head_size where all of it turns
  std::int64_t relative_buckets = 0;
  bool relative_each_layer = false;  // else the first layer's serve all
  RelativePositions disentangled = {};
  bool scaled = true;  // scores are divided by the root of the head size
  bool q_bias = false, o_bias = false, qk_norm = false, sinks = false;
  bool k_bias = true;          // where the queries have one
  bool qk_norm_whole = false;  // over all heads, not each by itself
  double softcap = 0, final_softcap = 0;
  std::int64_t window = 0;          // keys that a query sees, in the layers that have one
  std::vector<bool> windowed = {};  // which; empty: all where there is a window

  bool attention_gate = false;  // what attention gives is multiplied with a sigmoid of the tokens
  Recurrence recurrence = {};   // in place of attention
  std::vector<bool> recurrent = {};  // in which layers

  // Latent attention: keys and values come out of one small vector.
  std::int64_t q_latent = 0, kv_latent = 0, rope_size = 0;

  Norm norm = Norm::rms;
  bool norm_bias = false, norm_scale = true;
  bool norm_before = true, norm_after = false;       // of a block; gemma 2 has both
  bool norm_once = false;                            // one norm for attention and feed-forward
  bool first_norm = true;                            // in front of the first layer's attention
  bool final_norm = true, norm_first_token = false;  // ... of the first token alone
  bool embedding_norm = false;
  bool scaled_embedding = false;
  std::int64_t embedding_size = 0;                        // where it is not that of the layers
  bool embedding_bias = false, projected_output = false;  // of what leads to it, and back from it
  std::int64_t stored_layers = 0;                         // all layers use the weights of so many
  bool layer_scale = false;                               // a factor a feature behind each block
  Patches patches = {};
  Spectrum spectrum = {};
  Waveform waveform = {};

  Activation activation = Activation::swiglu;
  std::int64_t feed_forward = 0;
  bool ff_bias = false;
  bool parallel = false;  // attention and feed-forward read the same

  std::int64_t experts = 0, active_experts = 0, expert_size = 0, shared_size = 0, dense_layers = 0;
  bool router_bias = false, expert_bias = false, shared_gate = false;
  bool router_correction = false;  // a bias that only chooses
  std::vector<bool> dense = {};    // layers without experts behind the first dense_layers

  bool tied = false;  // the output is the embedding
  bool head = true;   // logits at the end
  bool head_bias = false;
  bool pooler = false;
  std::int64_t classes = 0;     // of a classifier of the first token
  std::int64_t projection = 0;  // of the first token, without a bias
};

/// How many tokens go through, and how many were there before.
struct Phase {
  std::int64_t batch = 1, tokens = 1, past = 0;
};

/// Fills in what follows from the rest (head sizes, key heads). Throws BadInput naming what is missing
/// or impossible.
Transformer completed(Transformer t);

bool has_experts(const Transformer& t, std::int64_t layer);

bool is_recurrent(const Transformer& t, std::int64_t layer);

/// Keys that a query sees in that layer; 0: all.
std::int64_t window_of(const Transformer& t, std::size_t layer);

/// All nodes of one pass, and the parameters. Throws BadInput and CountOverflow.
Model transformer_model(const Transformer& t, const Phase& phase);

/// prefill of --tokens, or decode of one token behind --past. Throws BadInput for anything else.
Phase phase_of(const ModelOptions& options, const Transformer& t);

}  // namespace flopmeter::models
