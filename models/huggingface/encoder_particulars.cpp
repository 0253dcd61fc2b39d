// Of families with an encoder: what they keep in config.json under names of their own.
#include <fmt/format.h>

#include <array>
#include <tuple>
#include <utility>

#include "models/huggingface/particulars.h"

namespace flopmeter::huggingface {
namespace {

using models::Transformer;

void bart(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.positions_stored += 2;
  t.scaled_embedding = flag(c, {"scale_embedding"}, false);
  require_same(c, "decoder_ffn_dim", t.feed_forward, "encoder_ffn_dim");
  require_same(c, "decoder_attention_heads", t.heads, "encoder_attention_heads");
}

/// Layers take turns: all tokens, and those of a window.
/// Whose tables have no rows before.
void plain_bart(const Settings& c, Config& config) {
  bart(c, config);
  config.transformer.positions_stored -= 2;
}

void marian(const Settings& c, Config& config) {
  plain_bart(c, config);
  refuse(!flag(c, {"share_encoder_decoder_embeddings"}, true), "a table of tokens for each side");
  require_same(c, "decoder_vocab_size", config.transformer.vocabulary, "vocab_size");
}

void whisper(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  plain_bart(c, config);
  t.layers = number(c, {"encoder_layers"}, t.layers);
  t.spectrum.bands = number(c, {"num_mel_bins"}, t.spectrum.bands);
  t.spectrum.frames = number(c, {"max_source_positions"}, t.spectrum.frames);
  t.positions_stored = number(c, {"max_target_positions"}, t.positions_stored);
  config.remarks.push_back(fmt::format(
      "the encoder reads {} frames of sound, 30 seconds for 1,500; --tokens are the decoder's",
      t.spectrum.frames));
}

void albert(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  check_plain(c, config);
  t.embedding_size = number(c, {"embedding_size"}, t.embedding_size);
  t.stored_layers = number(c, {"num_hidden_groups"}, 1);
  require_same(c, "inner_group_num", 1, "one layer a group");
  refuse(t.stored_layers < 1, "no group of layers");
}

/// A table of relative positions serves queries and keys of all layers.
void deberta(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  check_plain(c, config);
  if (!flag(c, {"position_biased_input"}, true)) {
    t.positions = models::Positions::none;
  }
  refuse(number(c, {"conv_kernel_size"}, 0) > 0, "a convolution beside the first layer");
  require_same(c, "embedding_size", t.hidden, "hidden_size");
  if (!flag(c, {"relative_attention"}, false)) {
    return;
  }
  refuse(!flag(c, {"share_att_key"}, false), "weights of relative positions of their own");
  const Json* kinds = find_key(c, {"pos_att_type"});
  const std::string names = kinds == nullptr ? "" : kinds->dump();
  const std::int64_t buckets = number(c, {"position_buckets"}, 0);
  t.disentangled = {.rows = 2 * (buckets > 0 ? buckets : t.positions_stored),
                    .keys = names.find("c2p") != std::string::npos,
                    .queries = names.find("p2c") != std::string::npos,
                    .normed = text(c, {"norm_rel_ebd"}).find("layer_norm") != std::string::npos};
}

/// All tokens in every so many layers, in the others those on both sides of a window.
void modernbert(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  const std::int64_t every = number(c, {"global_attn_every_n_layers"}, 3);
  t.window = number(c, {"local_attention"}, 128) / 2 + 1;
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    t.windowed.push_back(every < 1 || i % every != 0);
  }
  find_key(c, {"position_embedding_type"});  // which is always rotary
  t.norm_bias = flag(c, {"norm_bias"}, false);
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  t.ff_bias = flag(c, {"mlp_bias"}, false);
}

/// One size, or height and width.
std::pair<std::int64_t, std::int64_t> image_size(const Settings& c, const models::Patches& usual) {
  const Json* size = find_key(c, {"image_size"});
  if (size != nullptr && size->is_array() && size->size() == 2 && (*size)[0].is_number_unsigned() &&
      (*size)[1].is_number_unsigned()) {
    return {(*size)[0].get<std::int64_t>(), (*size)[1].get<std::int64_t>()};
  }
  return {number(c, {"image_size"}, usual.height), number(c, {"image_size"}, usual.width)};
}

void image(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  models::Patches& p = t.patches;
  std::tie(p.height, p.width) = image_size(c, p);
  find_key(c, {"projection_dim"});  // of the pair, where there is one
  p.patch = number(c, {"patch_size"}, p.patch);
  p.channels = number(c, {"num_channels"}, p.channels);
  refuse(p.patch < 1 || p.channels < 1 || p.height > 1 << 20 || p.width > 1 << 20,
         fmt::format("an image of {} x {} in squares of {}", p.height, p.width, p.patch));
}

/// As published a classifier has no pooler, and the other way round.
void vit(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  image(c, config);
  t.q_bias = flag(c, {"qkv_bias"}, true);
  const Json* classes = find_key(c, {"architectures"});
  const bool classifier =
      classes != nullptr && classes->dump().find("ForImageClassification") != std::string::npos;
  const Json* labels = find_key(c, {"id2label"});
  if (classifier && t.patches.extra == 1 && !t.layer_scale) {
    t.classes = labels != nullptr && labels->is_object() && !labels->empty()
                    ? static_cast<std::int64_t>(labels->size())
                    : number(c, {"num_labels"}, 2);
  }
  t.pooler = t.classes == 0 && !t.layer_scale && !classifier;
}

void dinov2(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  const std::int64_t ratio = number(c, {"mlp_ratio"}, 4);
  t.feed_forward = ratio < 1024 && t.hidden < (std::int64_t{1} << 40) ? ratio * t.hidden : 0;
  vit(c, config);
  refuse(flag(c, {"use_swiglu_ffn"}, false), "a gated feed-forward");
}

/// The activation has its name under several keys, of which this one decides.
void t5(const Settings& c, Config&) { find_key(c, {"is_gated_act", "dense_act_fn"}); }

void electra(const Settings& c, Config& config) {
  check_plain(c, config);
  config.transformer.embedding_size = number(c, {"embedding_size"}, config.transformer.hidden);
}

void clip_text(const Settings& c, Config&) { find_key(c, {"projection_dim", "projection_size"}); }

std::int64_t item(const Json* list, std::size_t at, std::int64_t otherwise) {
  const bool there = list != nullptr && list->is_array() && at < list->size();
  return there && (*list)[at].is_number_unsigned() ? (*list)[at].get<std::int64_t>() : otherwise;
}

/// The base model has a norm behind each block, the large ones before it and in each convolution.
void wav2vec2(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  models::Waveform& w = t.waveform;
  const Json* channels = find_key(c, {"conv_dim"});
  const Json* taps = find_key(c, {"conv_kernel"});
  const Json* strides = find_key(c, {"conv_stride"});
  const std::size_t count =
      channels != nullptr && channels->is_array() ? channels->size() : w.convolutions.size();
  refuse(count < 1 || count > 64, fmt::format("{} convolutions", count));
  w.convolutions.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    models::Waveform::Convolution& one = w.convolutions[i];
    one = {item(channels, i, one.channels), item(taps, i, one.taps), item(strides, i, one.stride)};
    refuse(one.channels < 1 || one.taps < 1 || one.stride < 1, "a convolution of size 0");
  }
  require_same(c, "num_feat_extract_layers", static_cast<std::int64_t>(count), "conv_dim");
  w.bias = flag(c, {"conv_bias"}, false);
  w.norms = text(c, {"feat_extract_norm"}) == "layer";
  w.position_taps = number(c, {"num_conv_pos_embeddings"}, w.position_taps);
  w.position_groups = number(c, {"num_conv_pos_embedding_groups"}, w.position_groups);
  refuse(w.position_groups < 1 || w.position_taps < 1 || t.hidden % w.position_groups != 0,
         fmt::format("positions in {} groups of {} features", w.position_groups, t.hidden));
  w.masked = find_key(c, {"mask_time_prob"}) == nullptr || real(c, "mask_time_prob") > 0 ||
             real(c, "mask_feature_prob") > 0;
  if (flag(c, {"do_stable_layer_norm"}, false)) {
    t.norm_before = t.final_norm = true;
    t.norm_after = t.embedding_norm = false;
  }
  refuse(flag(c, {"add_adapter"}, false), "an adapter behind the encoder");
  const Json* classes = find_key(c, {"architectures"});
  t.head = t.head_bias = classes != nullptr && classes->dump().find("ForCTC") != std::string::npos;
  t.tied = false;
  const std::string activation = text(c, {"feat_extract_activation"});
  refuse(!activation.empty() && activation != "gelu",
         fmt::format("the activation '{}' of convolutions", activation));
  find_key(c, {"hidden_act",
               "do_stable_layer_norm",
               "ctc_zero_infinity",
               "ctc_loss_reduction",
               "apply_spec_augment",
               "adapter_kernel_size",
               "adapter_stride",
               "num_adapter_layers",
               "adapter_attn_dim",
               "num_codevectors_per_group",
               "num_codevector_groups",
               "codevector_dim",
               "proj_codevector_dim",
               "num_negatives",
               "contrastive_logits_temperature",
               "diversity_loss_weight",
               "feat_quantizer_dropout",
               "tdnn_dim",
               "tdnn_kernel",
               "tdnn_dilation",
               "xvector_output_dim",
               "gradient_checkpointing",
               "freeze_feat_extract_train",
               "no_mask_channel_overlap",
               "no_mask_time_overlap"});
  config.remarks.push_back(
      fmt::format("--tokens are frames behind the convolutions: 512 of them are {} samples, {:.1f} "
                  "seconds at 16 kHz",
                  w.samples(512), static_cast<double>(w.samples(512)) / 16000));
}

constexpr std::array of_encoders{
    Particular{"wav2vec2", wav2vec2},
    Particular{"clip_text_model", clip_text},
    Particular{"siglip_text_model", clip_text},
    Particular{"bert", check_plain},
    Particular{"roberta", check_plain},
    Particular{"xlm-roberta", check_plain},
    Particular{"camembert", check_plain},
    Particular{"distilbert", check_plain},
    Particular{"mpnet", check_plain},
    Particular{"gpt2", check_plain},
    Particular{"albert", albert},
    Particular{"deberta-v2", deberta},
    Particular{"modernbert", modernbert},
    Particular{"pegasus", plain_bart},
    Particular{"m2m_100", plain_bart},
    Particular{"marian", marian},
    Particular{"whisper", whisper},
    Particular{"t5", t5},
    Particular{"mt5", t5},
    Particular{"umt5", t5},
    Particular{"vit", vit},
    Particular{"deit", vit},
    Particular{"dinov2", dinov2},
    Particular{"clip_vision_model", image},
    Particular{"siglip_vision_model", image},
    Particular{"bart", bart},
    Particular{"mbart", bart},
    Particular{"electra", electra},
};

}  // namespace

/// The families of BERT and GPT-2, which may be decoders behind others.
void check_plain(const Settings& c, Config& config) {
  refuse(flag(c, {"is_decoder"}, false) && config.transformer.kind == models::Kind::encoder,
         "a decoder of an encoder's family (is_decoder)");
  refuse(flag(c, {"add_cross_attention"}, false), "attention to another model's tokens");
  const std::string positions = text(c, {"position_embedding_type"});
  refuse(!positions.empty() && positions != "absolute",
         fmt::format("position_embedding_type '{}'", positions));
}

std::span<const Particular> encoder_particulars() { return of_encoders; }

}  // namespace flopmeter::huggingface
