#include "models/huggingface/other_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/node_list.h"
#include "models/architectures/pieces.h"

namespace flopmeter::huggingface {
namespace {

using models::Model;
using models::NodeList;

/// Adds the nodes of a part under its name.
void append(Model part, const std::string& name, Model& whole) {
  for (models::ModelNode& node : part.nodes) {
    node.name = fmt::format("{}.{}", name, node.name);
    node.path = node.path.empty() ? name : fmt::format("{}.{}", name, node.path);
    whole.nodes.push_back(std::move(node));
  }
  whole.parameters = checked_add(whole.parameters, part.parameters);
  for (const std::string& remark : part.remarks) {
    whole.remarks.push_back(fmt::format("{}: {}", name, remark));
  }
}

struct Part {
  const char* name;
  const char* model_type;
};

/// Settings of a part, with its model_type: older files leave that out.
Json part_of(const Json& object, const Part& part) {
  const auto found = object.find(part.name);
  Json own = found != object.end() && found->is_object() ? *found : Json::object();
  own.erase("architectures");
  own["model_type"] = part.model_type;
  return own;
}

/// SigLIP: one learned query looks at all tokens; a feed-forward block behind.
void add_attention_pooling(NodeList& nodes, const models::Transformer& t, std::int64_t batch,
                           std::int64_t tokens) {
  const std::int64_t rows = checked_multiply(batch, tokens);
  nodes.parameters(t.hidden);
  nodes.linear("head.q", batch, t.hidden, t.hidden, true);
  nodes.linear("head.k", rows, t.hidden, t.hidden, true);
  nodes.linear("head.v", rows, t.hidden, t.hidden, true);
  nodes.add("head.sdpa", "sdpa",
            {{"mb", batch},
             {"h", t.heads},
             {"hkv", t.heads},
             {"lq", 1},
             {"lk", tokens},
             {"d", t.head_size}});
  nodes.linear("head.o", batch, t.hidden, t.hidden, true);
  models::add_norm(nodes, t, "head.norm", batch, t.hidden);
  models::add_feed_forward(nodes, t, "head.ffn.", batch, t.feed_forward, true, 1);
  models::add_sum(nodes, "head.residual", batch, t.hidden);
}

/// Texts and images as vectors of length 1, and all products of both. `factors` of the products are learned.
void add_similarity(NodeList& nodes, std::int64_t batch, std::int64_t size, std::int64_t factors) {
  for (const char* side : {"text", "image"}) {
    nodes.add(fmt::format("{}_length", side), "reduce_l2",
              fmt::format("{}x{}:{}x1", batch, size, batch));
    nodes.add(fmt::format("{}_unit", side), "div", fmt::format("{}x{}:{}x1", batch, size, batch));
  }
  nodes.add("similarity", "matmul", fmt::format("{}x{}:{}x{}", batch, size, size, batch));
  nodes.add("logit_scale", "exp", {{"mb", 1}, {"ic", 1}});
  nodes.add("logits", "mul", fmt::format("{}x{}:1x1", batch, batch));
  if (factors > 1) {
    nodes.add("logit_bias", "add", fmt::format("{}x{}:1x1", batch, batch));
  }
  nodes.parameters(factors);
}

/// CLIP and SigLIP: a text and an image each.
Counted read_pair(const Json& object, const models::ModelOptions& options) {
  const Settings c(object);
  const bool siglip = text(c, {"model_type"}) == "siglip";
  Config texts =
      config_of(part_of(object, {"text_config", siglip ? "siglip_text_model" : "clip_text_model"}));
  Config images = config_of(
      part_of(object, {"vision_config", siglip ? "siglip_vision_model" : "clip_vision_model"}));
  const std::int64_t size = siglip ? texts.transformer.hidden : number(c, {"projection_dim"}, 512);
  if (!siglip) {
    texts.transformer.projection = images.transformer.projection = size;
  }
  const models::Phase phase = models::phase_of(options, texts.transformer);
  Counted counted{{}, text(c, {"torch_dtype", "dtype"})};
  Model& whole = counted.model;
  whole.format = fmt::format("config.json of {}", text(c, {"model_type"}));
  whole.remarks = std::move(texts.remarks);
  whole.remarks.insert(whole.remarks.end(), images.remarks.begin(), images.remarks.end());
  append(models::transformer_model(texts.transformer, phase), "text_model", whole);
  append(models::transformer_model(images.transformer, phase), "vision_model", whole);
  NodeList ends;
  if (siglip) {
    const models::Transformer& t = images.transformer;
    ends.linear("text_model.head", phase.batch, size, size, true);
    ends.enter("vision_model");
    add_attention_pooling(ends, t, phase.batch, t.patches.count() + t.patches.extra);
    ends.enter("");
  }
  add_similarity(ends, phase.batch, size, siglip ? 2 : 1);
  Model last = std::move(ends).finish();
  std::ranges::move(last.nodes, std::back_inserter(whole.nodes));
  whole.parameters = checked_add(whole.parameters, last.parameters);
  whole.activation_remark = "not known: a configuration has no order of tensors";
  return counted;
}

struct Other {
  std::string_view model_type;
  Counted (*read)(const Json&, const models::ModelOptions&);
};
constexpr std::array others{
    Other{"clip", read_pair},    Other{"siglip", read_pair}, Other{"mamba", read_mamba},
    Other{"mamba2", read_mamba}, Other{"swin", read_swin},
};

}  // namespace

bool is_other(const Json& object) {
  return std::ranges::find(others, text(object, {"model_type"}), &Other::model_type) !=
         others.end();
}

std::optional<Counted> read_other(const Json& object, const models::ModelOptions& options) {
  const std::string name = text(object, {"model_type"});
  const auto* const found = std::ranges::find(others, name, &Other::model_type);
  return found == others.end() ? std::nullopt : std::optional(found->read(object, options));
}

}  // namespace flopmeter::huggingface
