#include "models/huggingface/keys.h"

#include <algorithm>

#include "kernels/bad_input.h"

namespace flopmeter::huggingface {
namespace {

/// What says nothing of the arithmetic of a forward pass; with a star, whatever ends so.
constexpr std::string_view neutral =
    "*_token_id *_token_ids *dropout *dropout_prob *_pdrop *dropout_rate *_token_index _* "
    "*_std *_range *_factor *_cutoff_factor *_coef *_eps *epsilon architectures auto_map "
    "transformers_version torch_dtype dtype use_cache id2label label2id problem_type "
    "task_specific_params finetuning_task gradient_checkpointing pretraining_tp "
    "tokenizer_class language license model_max_length max_length min_length "
    "no_repeat_ngram_size num_beams early_stopping length_penalty prefix summary_* output_* "
    "return_dict torchscript is_encoder_decoder attn_implementation cache_implementation "
    "initializer* suppress_tokens begin_suppress* forced_* bad_words_ids use_flash_attn "
    "vocab_file seq_length n_ctx max_position_embeddings original_max_position* "
    "max_sequence_length rope_theta rope_local_base_freq rope_scaling rope_parameters rotary "
    "rotary_emb_base query_pre_attn_scalar attention_multiplier norm_topk_prob "
    "routed_scaling* scoring_func topk_method topk_group n_group seq_aux aux_loss* ep_size "
    "moe_router* router_* norm_type swiglu_limit quantization_config compression_config "
    "reorder_and_upcast_attn scale_attn* attention_softmax_in_fp32 softmax_scale "
    "slow_but_exact unk_index apply_residual_connection_post_layernorm attention_types "
    "layer_norm_epsilon max_window_layers mask_* apply_spec_augment median_filter_width "
    "classifier_proj_size use_weighted_layer_sum normalize_before add_final_layer_norm "
    "normalize_embedding add_bias_logits extra_pos_embeddings encoder_layerdrop "
    "decoder_layerdrop layerdrop pooler_hidden_* pooler_act sinusoidal* tie_weights_ "
    "output_past qa_* seq_classif* static_position_embeddings encoder_stride drop_path_rate "
    "out_features out_indices stage_names layerscale_value reshape_hidden_states "
    "apply_layernorm use_mask_token image_token_* vision_* video_* audio_* text_config_dict "
    "position_*_ids hidden_activation_kernel init_* embedding_multiplier residual_multiplier "
    "logits_scaling logit_scale model_type num_labels reference_compile repad* "
    "deterministic_flash_attn classifier_* embedding_dropout* cls_token* "
    "chunk_size_feed_forward do_sample temperature top_k top_p typical_p repetition_penalty "
    "diversity_penalty num_return_sequences encoder_no_repeat* remove_invalid_values "
    "exponential_decay* tf_legacy_loss use_bfloat16 max_relative_positions "
    "local_attention_offset dense_act_fn is_gated_act attn_pdrop parametrization "
    "use_mamba_kernels logits_* unsloth* hidden_dropout eos_coefficient mlp_dropout "
    "sliding_window_size initial_context_length rope_interleave num_ln_in_parallel_attn "
    "masked_softmax_fusion bias_dropout_fusion offset_alibi skip_bias_add* pretraining_pp "
    "inference_runner validate_runner_input pad_key_length embedding_fraction verbose "
    "learned_pos_emb relative_attention_max_distance force_bos_token_to_be_generated legacy "
    "decoder_bias global_rope_theta local_rope_theta sparse_pred* pooler_output_size "
    "num_beam_groups no_rope_layer_interval order_of_interleaved_layers input_jitter_noise "
    "sliding_window_pattern use_mrope rope_percent";

bool is_like(std::string_view name, std::string_view known) {
  return known.starts_with('*') ? name.ends_with(known.substr(1))
         : known.ends_with('*') ? name.starts_with(known.substr(0, known.size() - 1))
                                : name == known;
}

bool is_neutral(std::string_view name) {
  for (std::string_view rest = neutral; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (is_like(name, rest.substr(0, end))) {
      return true;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

/// Null, false, 0 or empty. But a bias that is said not to be there may be one that the family has.
bool asks_for_nothing(const std::string& name, const Json& value) {
  if (value.is_boolean()) {
    return !value.get<bool>() && name.find("bias") == std::string::npos;
  }
  if (value.is_string()) {
    return value.get<std::string>().empty();
  }
  return value.is_null() || (value.is_number() && value.get<double>() == 0) ||
         (value.is_structured() && value.empty());
}

}  // namespace

const Json* Settings::find(std::initializer_list<const char*> names) const {
  const Json* result = nullptr;
  for (const char* name : names) {
    asked_.emplace(name);
    const auto found = json_->find(name);
    if (result == nullptr && found != json_->end() && !found->is_null()) {
      result = &*found;
    }
  }
  return result;
}

std::vector<std::string> Settings::unread() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : json_->items()) {
    if (!asked_.contains(name) && !is_neutral(name) && !asks_for_nothing(name, value)) {
      names.push_back(name.substr(0, 60));
    }
  }
  return names;
}

const Json* find_key(const Settings& config, std::initializer_list<const char*> names) {
  return config.find(names);
}

bool lists(const Json* list, std::int64_t number) {
  return list != nullptr && list->is_array() && std::ranges::any_of(*list, [&](const Json& item) {
           return item.is_number_integer() && item.get<std::int64_t>() == number;
         });
}

std::int64_t number(const Settings& config, std::initializer_list<const char*> names,
                    std::int64_t otherwise) {
  const Json* found = find_key(config, names);
  if (found == nullptr) {
    return otherwise;
  }
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0) {
    bad_input("config.json: '{}' is {}, not a size", *names.begin(), found->dump().substr(0, 60));
  }
  return found->get<std::int64_t>();
}

bool flag(const Settings& config, std::initializer_list<const char*> names, bool otherwise) {
  const Json* found = find_key(config, names);
  return found == nullptr || !found->is_boolean() ? otherwise : found->get<bool>();
}

double real(const Settings& config, const char* name) {
  const Json* found = find_key(config, {name});
  return found == nullptr || !found->is_number() ? 0 : found->get<double>();
}

std::string text(const Settings& config, std::initializer_list<const char*> names) {
  const Json* found = find_key(config, names);
  return found == nullptr || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace flopmeter::huggingface
