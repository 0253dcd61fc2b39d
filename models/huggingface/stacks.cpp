// config.json of models whose layers are no transformer's: Mamba, Mamba-2, Swin.
#include <fmt/ranges.h>

#include "kernels/bad_input.h"
#include "models/architectures/mamba.h"
#include "models/architectures/swin.h"
#include "models/huggingface/other_models.h"
#include "models/huggingface/particulars.h"

namespace flopmeter::huggingface {
namespace {

void remark_on_unread(const Settings& c, models::Model& model) {
  if (const auto unread = c.unread(); !unread.empty()) {
    model.remarks.push_back(
        fmt::format("settings that are not understood, and what they may change is not counted: {}",
                    fmt::join(unread, ", ")));
  }
}

/// Sizes of Mamba's block, and of Mamba-2's, whose heads share steps.
models::Recurrence block_of(const Settings& c, bool second, std::int64_t hidden) {
  models::Recurrence r;
  const std::int64_t expand = number(c, {"expand"}, 2);
  const std::int64_t inner =
      hidden < (std::int64_t{1} << 40) && expand < 1024 ? expand * hidden : 0;
  r.taps = number(c, {"conv_kernel"}, 4);
  r.bias = flag(c, {"use_bias"}, false);
  r.convolution_bias = flag(c, {"use_conv_bias"}, true);
  r.states = number(c, {"state_size"}, second ? 128 : 16);
  if (second) {
    r.kind = models::RecurrenceKind::state_space;
    r.heads = number(c, {"num_heads"}, 128);
    r.groups = number(c, {"n_groups"}, 8);
    r.inner = inner;
    const std::int64_t size = number(c, {"head_dim"}, 64);
    refuse(r.heads < 1 || size < 1 || inner / r.heads != size || inner % r.heads != 0,
           fmt::format("{} heads of {} in {} features", r.heads, size, inner));
    return r;
  }
  r.inner = number(c, {"intermediate_size", "d_inner"}, inner);
  const Json* rank = find_key(c, {"time_step_rank"});
  r.rank =
      rank != nullptr && rank->is_number() ? number(c, {"time_step_rank"}, 0) : (hidden + 15) / 16;
  return r;
}

std::vector<std::int64_t> numbers(const Settings& c, const char* name,
                                  std::vector<std::int64_t> otherwise) {
  const Json* list = find_key(c, {name});
  if (list == nullptr) {
    return otherwise;
  }
  std::vector<std::int64_t> values;
  for (const Json& item : list->is_array() ? *list : Json::array()) {
    values.push_back(item.is_number_unsigned() ? item.get<std::int64_t>() : 0);
  }
  return values;
}

}  // namespace

Counted read_mamba(const Json& object, const models::ModelOptions& options) {
  const Settings c(object);
  const std::string family = text(c, {"model_type"});
  const bool second = family == "mamba2";
  models::Mamba m;
  m.hidden = number(c, {"hidden_size", "d_model"}, 0);
  m.layers = number(c, {"num_hidden_layers", "n_layer"}, 0);
  m.vocabulary = number(c, {"vocab_size"}, 0);
  m.block = block_of(c, second, m.hidden);
  m.tied = flag(c, {"tie_word_embeddings"}, !second);
  const std::string activation = text(c, {"hidden_act"});
  if (!activation.empty() && activation != "silu") {
    bad_input("config.json: the activation '{}' of {} is not counted", activation, family);
  }
  Counted counted{models::mamba_model(m, models::mamba_phase(options)),
                  text(c, {"torch_dtype", "dtype"})};
  for (const char* known :
       {"d_inner", "intermediate_size", "fused_add_norm", "residual_in_fp32", "rms_norm", "ssm_cfg",
        "pad_vocab_size_multiple", "time_step_rank", "time_step_scale", "time_step_floor",
        "time_step_min", "time_step_max", "time_step_limit", "time_step_init_scheme", "chunk_size",
        "norm_before_gate"}) {
    c.find({known});
  }
  counted.model.format = fmt::format("config.json of {}", family);
  remark_on_unread(c, counted.model);
  return counted;
}

Counted read_swin(const Json& object, const models::ModelOptions& options) {
  const Settings c(object);
  models::Swin s;
  s.image = number(c, {"image_size"}, s.image);
  s.patch = number(c, {"patch_size"}, s.patch);
  s.channels = number(c, {"num_channels"}, s.channels);
  s.hidden = number(c, {"embed_dim"}, s.hidden);
  s.depths = numbers(c, "depths", s.depths);
  s.heads = numbers(c, "num_heads", s.heads);
  s.window = number(c, {"window_size"}, s.window);
  s.ratio = real(c, "mlp_ratio") > 0 ? real(c, "mlp_ratio") : s.ratio;
  s.qkv_bias = flag(c, {"qkv_bias"}, true);
  s.absolute_positions = flag(c, {"use_absolute_embeddings"}, false);
  const std::string activation = text(c, {"hidden_act"});
  refuse(!activation.empty() && activation != "gelu",
         fmt::format("the activation '{}' of swin", activation));
  find_key(c,
           {"hidden_size", "num_layers", "path_norm"});  // follow from the others, or say nothing
  const Json* classes = find_key(c, {"architectures"});
  const Json* labels = find_key(c, {"id2label"});
  if (classes != nullptr && classes->dump().find("ForImageClassification") != std::string::npos) {
    s.classes = labels != nullptr && labels->is_object() && !labels->empty()
                    ? static_cast<std::int64_t>(labels->size())
                    : number(c, {"num_labels"}, 2);
  }
  refuse(!options.phase.empty() && options.phase != "prefill",
         fmt::format("--phase {} of a model of images", options.phase));
  Counted counted{models::swin_model(s, options.batch > 0 ? options.batch : 1),
                  text(c, {"torch_dtype", "dtype"})};
  counted.model.format = "config.json of swin";
  remark_on_unread(c, counted.model);
  return counted;
}

}  // namespace flopmeter::huggingface
