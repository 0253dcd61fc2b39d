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

std::string example_shape(const AnyLayer& layer) {
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
  std::string nearest;
  for (const std::string_view one : nearest_layers(name, 3)) {
    nearest +=
        fmt::format("{}{} ({})", nearest.empty() ? "" : ", ", one, example_shape(find_layer(one)));
  }
  bad_input("unknown layer '{}': nearest are {}; `flopmeter list` shows all", name, nearest);
}

}  // namespace flopmeter
