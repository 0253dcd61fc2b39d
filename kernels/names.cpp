#include "kernels/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>

#include "kernels/case.h"

namespace flopmeter {
namespace {

struct Alias {
  std::string_view name, layer;
};

/// Without case, dashes and underscores. Where a name has two meanings it is none here.
constexpr auto aliases = std::to_array<Alias>({
    {"gemm", "matmul"},
    {"bmm", "matmul"},
    {"mm", "matmul"},
    {"batchmatmul", "matmul"},
    {"dense", "linear"},
    {"fc", "linear"},
    {"fullyconnected", "linear"},
    {"innerproduct", "linear"},
    {"deconv1d", "conv_transpose1d"},
    {"deconv2d", "conv_transpose2d"},
    {"deconv3d", "conv_transpose3d"},
    {"transposedconv2d", "conv_transpose2d"},
    {"mha", "attention"},
    {"multiheadattention", "attention"},
    {"selfattention", "attention"},
    {"scaleddotproductattention", "sdpa"},
    {"multiheadlatentattention", "mla"},
    {"mixtureofexperts", "moe"},
    {"mlp", "ffn"},
    {"feedforward", "ffn"},
    {"gelu", "gelu_erf"},
    {"gelunew", "gelu_tanh"},
    {"swish", "silu"},
    {"logistic", "sigmoid"},
    {"relu6", "hardtanh"},
    {"leakyrelu", "leaky_relu"},
    {"batchnorm2d", "batchnorm"},
    {"batchnormalization", "batchnorm"},
    {"bn", "batchnorm"},
    {"ln", "layernorm"},
    {"layernormalization", "layernorm"},
    {"groupnormalization", "groupnorm"},
    {"instancenormalization", "instancenorm"},
    {"rmsnormalization", "rmsnorm"},
    {"maxpool2d", "max_pool"},
    {"avgpool2d", "avg_pool"},
    {"averagepool", "avg_pool"},
    {"averagepooling", "avg_pool"},
    {"maxpooling", "max_pool"},
    {"globalaveragepool", "adaptive_avg_pool"},
    {"adaptiveavgpool2d", "adaptive_avg_pool"},
    {"embed", "embedding"},
    {"cat", "concat"},
    {"block", "transformer_block"},
    {"transformerlayer", "transformer_block"},
    {"transformerencoderlayer", "encoder_layer"},
    {"transformerdecoderlayer", "decoder_layer"},
    {"logsoftmax", "log_softmax"},
    {"attn", "attention"},
    {"selfattn", "attention"},
    {"flashattention", "sdpa"},
    {"batchedmatmul", "matmul"},
    {"dot", "matmul"},
    {"mamba", "selective_scan"},
    {"ssm", "selective_scan"},
    {"rope", "rotary"},
    {"rotaryembedding", "rotary"},
    {"bilstm", "lstm"},
    {"lstmcell", "lstm"},
    {"grucell", "gru"},
    {"rnncell", "rnn"},
    {"maxpool3d", "max_pool"},
    {"maxpool1d", "max_pool"},
    {"avgpool3d", "avg_pool"},
    {"avgpool1d", "avg_pool"},
    {"averagepooling2d", "avg_pool"},
    {"globalavgpool", "adaptive_avg_pool"},
    {"gap", "adaptive_avg_pool"},
    {"batchnorm1d", "batchnorm"},
    {"batchnorm3d", "batchnorm"},
    {"gn", "groupnorm"},
    {"separableconv2d", "depthwise_separable"},
    {"deformconv", "deform_conv2d"},
    {"concatenate", "concat"},
    {"upsamplenearest", "resample_nearest"},
    {"upsamplebilinear", "resample_linear"},
    {"bicubic", "resample_cubic"},
    {"localresponsenorm", "lrn"},
    {"mixtureofexpertslayer", "moe"},
    {"subtract", "sub"},
    {"multiply", "mul"},
    {"divide", "div"},
    {"permute", "transpose"},
    {"leaky", "leaky_relu"},
    {"encoderlayer", "encoder_layer"},
    {"decoderlayer", "decoder_layer"},
});

/// Names of several meanings, or of what is an option of a layer here: what to write instead.
struct Hint {
  std::string_view name, instead;
};

constexpr auto hints = std::to_array<Hint>({
    {"convolution", "conv (by the keys of the shape), conv1d, conv2d, conv3d"},
    {"depthwiseconv", "conv2d with g = ic = oc, as in g32mb1ic32ih112oc32kh3ph1"},
    {"depthwiseconv2d", "conv2d with g = ic = oc, as in g32mb1ic32ih112oc32kh3ph1"},
    {"dwconv", "conv2d with g = ic = oc, as in g32mb1ic32ih112oc32kh3ph1"},
    {"groupconv", "conv2d with g, as in g32mb1ic128ih56oc128kh3ph1"},
    {"transposedconv", "conv_transpose1d, conv_transpose2d, conv_transpose3d"},
    {"upsample", "resample_nearest, resample_linear, resample_cubic, as in mb1ic64ih28oh56"},
    {"upsampling", "resample_nearest, resample_linear, resample_cubic, as in mb1ic64ih28oh56"},
    {"interpolate", "resample_nearest, resample_linear, resample_cubic, as in mb1ic64ih28oh56"},
    {"resize", "resample_nearest, resample_linear, resample_cubic, as in mb1ic64ih28oh56"},
    {"bilinear", "resample_linear for images, as in mb1ic64ih28oh56; einsum for products"},
    {"transformer",
     "transformer_block, encoder_layer, decoder_layer, as in mb1l16e4096h32hkv8ff14336swiglu1"},
    {"encoder", "encoder_layer, as in mb32l16e512h8ff2048; transformer_block for today's"},
    {"decoder",
     "transformer_block, as in mb1l16e4096h32hkv8ff14336swiglu1; decoder_layer where an "
     "encoder is looked at"},
    {"swiglu", "ffn with swiglu1, as in mb512ic512hid2048swiglu1"},
    {"geglu", "ffn with geglu1, as in mb512ic512hid2048geglu1"},
    {"glu", "ffn with swiglu1 or geglu1, as in mb512ic512hid2048swiglu1"},
    {"lora", "`flopmeter training --lora RANK`, which is of a layer or a network"},
    {"lookup", "embedding, as in mb128vocab30522dim768; gather for other tensors"},
    {"norm", "layernorm, rmsnorm, batchnorm, groupnorm, instancenorm"},
    {"normalization", "layernorm, rmsnorm, batchnorm, groupnorm, instancenorm"},
    {"activation", "relu, gelu_erf, silu, ..., as in mb1ic64ih56"},
    {"pooling",
     "pool (by --alg), max_pool, avg_pool, adaptive_avg_pool, as in mb1ic64ih112oh56kh3sh2ph1"},
    {"dropout", "nothing: a network that runs does not compute it"},
    {"flatten", "reshape, which moves and computes nothing"},
    {"view", "reshape, which moves and computes nothing"},
    {"squeeze", "reshape, which moves and computes nothing"},
    {"identity", "nothing: it computes nothing"},
    {"reduce", "reduce_sum, reduce_mean, reduce_max, ..., as in 12x12:1x12"},
    {"sum", "add for two tensors; reduce_sum, as in 12x12:1x12"},
    {"mean", "reduce_mean, as in 12x12:1x12"},
});

/// Letters and digits in lower case.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return text;
}

/// Insertions, deletions and replacements from one text to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::size_t longest_common_part(std::string_view a, std::string_view b) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    while (b.find(a.substr(i, longest + 1)) != std::string_view::npos && i + longest < a.size()) {
      ++longest;
    }
  }
  return longest;
}

/// How far a name is from what was written: those that share a part come first.
std::size_t farness(const std::string& written, std::string_view name) {
  const std::string other = plain(name);
  constexpr std::size_t telling = 4;  // letters
  const bool within = other.find(written) != std::string::npos ||
                      (other.size() > 2 && written.find(other) != std::string::npos) ||
                      longest_common_part(written, other) >= telling;
  const std::size_t steps = distance(written, other);
  return within ? steps : steps + 100;
}

const AnyLayer* named(std::string_view name) {
  const auto found = std::ranges::find(layers(), name, &AnyLayer::name);
  return found == layers().end() ? nullptr : &*found;
}

}  // namespace

const AnyLayer* layer_called(std::string_view name) {
  if (const AnyLayer* layer = named(name)) {
    return layer;
  }
  const std::string written = plain(name);
  for (const AnyLayer& layer : layers()) {
    if (plain(layer.name) == written) {
      return &layer;
    }
  }
  const auto alias = std::ranges::find(aliases, written, &Alias::name);
  return alias == aliases.end() ? nullptr : named(alias->layer);
}

std::vector<std::string_view> nearest_layers(std::string_view name, std::size_t most) {
  const std::string written = plain(name);
  std::vector<std::pair<std::size_t, std::string_view>> all;
  for (const AnyLayer& layer : layers()) {
    all.emplace_back(farness(written, layer.name), layer.name);
  }
  std::ranges::stable_sort(all);
  std::vector<std::string_view> nearest;
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
    // Behind those that share a part only what is as near as can be.
    if (i == 0 || all[i].first < 100 || all[i].first <= all[0].first + 1) {
      nearest.push_back(all[i].second);
    }
  }
  return nearest;
}

namespace {

/// What a layer says it looks like when a shape lacks what it needs: "..., as in mb128c768".
std::string shape_in_message(const AnyLayer& layer) {
  constexpr std::string_view before = "as in ";
  try {
    layer.parse("");
  } catch (const BadInput& error) {
    const std::string_view message = error.what();
    const std::size_t at = message.find(before);
    if (at != std::string_view::npos) {
      const std::string_view shape = message.substr(at + before.size());
      return std::string(shape.substr(0, shape.find_first_of(" ;,")));
    }
  }
  return "";
}

}  // namespace

std::string example_shape(const AnyLayer& layer) {
  const std::string said = shape_in_message(layer);
  try {
    if (!said.empty()) {
      return layer.print(layer.parse(said));
    }
  } catch (const BadInput&) {  // a shape of another layer
  }
  const std::vector<Problem> shapes = default_problems(layer);
  const auto real = std::ranges::find_if(shapes, [](const Problem& problem) {
    return !problem.label.starts_with("tiny") && !problem.label.starts_with("prime");
  });
  return real == shapes.end() ? shapes.back().shape() : real->shape();
}

std::string with_example(const AnyLayer& layer, const std::string& message) {
  if (message.find("as in") != std::string::npos) {
    return message;
  }
  return fmt::format("{}; a shape is written as in {}", message, example_shape(layer));
}

void unknown_layer(std::string_view name) {
  const auto hint = std::ranges::find(hints, plain(name), &Hint::name);
  if (hint != hints.end()) {
    bad_input("unknown layer '{}': write {}; `flopmeter list` shows all", name, hint->instead);
  }
  std::string nearest;
  for (const std::string_view one : nearest_layers(name, 3)) {
    nearest +=
        fmt::format("{}{} ({})", nearest.empty() ? "" : ", ", one, example_shape(find_layer(one)));
  }
  bad_input("unknown layer '{}': nearest are {}; `flopmeter list` shows all", name, nearest);
}

}  // namespace flopmeter
