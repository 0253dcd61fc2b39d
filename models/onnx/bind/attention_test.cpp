// Attention with masks, caches, shared heads and rotations, beside plain loops.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <map>

#include "kernels/bad_input.h"
#include "models/chain/random_numbers.h"
#include "models/testing/run_by_hand.h"

namespace flopmeter::onnx::attention_by_hand {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using Doubles = std::vector<double>;

Doubles random(const std::string& name, std::int64_t count) {
  const std::vector<float> all = models::random_numbers(name, 5, count, {-1, 1});
  return {all.begin(), all.end()};
}

/// batch x heads x tokens x size, wherever the numbers lie.
struct Tensor4 {
  std::int64_t heads, tokens, size;
  Doubles data;
  double& at(std::int64_t n, std::int64_t h, std::int64_t t, std::int64_t i) {
    return data[static_cast<std::size_t>(((n * heads + h) * tokens + t) * size + i)];
  }
};

/// From batch x tokens x (heads x size).
Tensor4 split(const Doubles& x, std::int64_t batch, std::int64_t tokens, std::int64_t heads,
              std::int64_t size) {
  Tensor4 y{heads, tokens, size, Doubles(x.size())};
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t t = 0; t < tokens; ++t) {
      for (std::int64_t h = 0; h < heads; ++h) {
        for (std::int64_t i = 0; i < size; ++i) {
          y.at(n, h, t, i) = x[static_cast<std::size_t>(((n * tokens + t) * heads + h) * size + i)];
        }
      }
    }
  }
  return y;
}

Tensor4 behind(Tensor4 past, Tensor4 x, std::int64_t batch) {
  Tensor4 all{x.heads, past.tokens + x.tokens, x.size, Doubles(past.data.size() + x.data.size())};
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t h = 0; h < x.heads; ++h) {
      for (std::int64_t t = 0; t < all.tokens; ++t) {
        for (std::int64_t i = 0; i < x.size; ++i) {
          all.at(n, h, t, i) =
              t < past.tokens ? past.at(n, h, t, i) : x.at(n, h, t - past.tokens, i);
        }
      }
    }
  }
  return all;
}

/// One number for each sample, head, query and key that is added to the score.
using Bias = std::function<double(std::int64_t n, std::int64_t h, std::int64_t i, std::int64_t j)>;

/// In batch x tokens x (heads x size).
Doubles attention(Tensor4 q, Tensor4 k, Tensor4 v, std::int64_t batch, double scale,
                  const Bias& bias, double cap = 0) {
  Doubles y;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t i = 0; i < q.tokens; ++i) {
      for (std::int64_t h = 0; h < q.heads; ++h) {
        const std::int64_t shared = h / (q.heads / k.heads);
        Doubles p;
        double sum = 0;
        for (std::int64_t j = 0; j < k.tokens; ++j) {
          double score = 0;
          for (std::int64_t f = 0; f < q.size; ++f) {
            score += q.at(n, h, i, f) * k.at(n, shared, j, f);
          }
          score *= scale;
          score = cap == 0 ? score : cap * std::tanh(score / cap);
          p.push_back(std::exp(score + bias(n, h, i, j)));
          sum += p.back();
        }
        for (std::int64_t f = 0; f < v.size; ++f) {
          double out = 0;
          for (std::int64_t j = 0; j < k.tokens; ++j) {
            out += p[static_cast<std::size_t>(j)] / sum * v.at(n, shared, j, f);
          }
          y.push_back(out);
        }
      }
    }
  }
  return y;
}

double none(std::int64_t, std::int64_t, std::int64_t, std::int64_t) { return 0; }

void expect_near(const Doubles& got, const Doubles& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i], 1e-6) << i;
  }
}

// 2 samples, 4 heads of queries on 2 of keys, 3 tokens of 6 features behind 2.
constexpr std::int64_t samples = 2, heads = 4, shared_heads = 2, tokens = 3, size = 6, past = 2;
const Doubles q_given = random("q", samples* tokens* heads* size);
const Doubles k_given = random("k", samples* tokens* shared_heads* size);
const Doubles v_given = random("v", samples* tokens* shared_heads* size);
const Doubles past_k = random("pk", samples* past* shared_heads* size);
const Doubles past_v = random("pv", samples* past* shared_heads* size);

Tensor4 keys() {
  return behind({shared_heads, past, size, past_k},
                split(k_given, samples, tokens, shared_heads, size), samples);
}
Tensor4 values() {
  return behind({shared_heads, past, size, past_v},
                split(v_given, samples, tokens, shared_heads, size), samples);
}
Tensor4 queries() { return split(q_given, samples, tokens, heads, size); }

GraphParts with_a_cache(const Message& attention) {
  return {.nodes = {attention},
          .inputs = {value("q", "2x3x24"), value("k", "2x3x12"), value("v", "2x3x12"),
                     value("pk", "2x2x2x6"), value("pv", "2x2x2x6")},
          .outputs = {value("y", ""), value("nk", ""), value("nv", "")}};
}

std::map<std::string, Doubles> given() {
  return {{"q", q_given}, {"k", k_given}, {"v", v_given}, {"pk", past_k}, {"pv", past_v}};
}

TEST(RunAttention, BehindACache) {
  GraphParts parts =
      with_a_cache(node("Attention", {"q", "k", "v", "m", "pk", "pv"}, {"y", "nk", "nv"},
                        {attribute("q_num_heads", heads), attribute("kv_num_heads", shared_heads),
                         attribute("is_causal", 1)}));
  parts.inputs.push_back(value("m", "3x5"));
  auto inputs = given();
  inputs["m"] = random("m", 15);
  const auto results = run_all_by_hand(parts, inputs, 23);
  expect_near(results.at("y"),
              attention(queries(), keys(), values(), samples, 1 / std::sqrt(6.0),
                        [&](auto, auto, std::int64_t i, std::int64_t j) {
                          return j <= i + past ? inputs["m"][static_cast<std::size_t>(i * 5 + j)]
                                               : -INFINITY;
                        }));
  expect_near(results.at("nk"), keys().data);
  expect_near(results.at("nv"), values().data);
}

TEST(RunAttention, WithATruthMaskAndASoftCap) {
  GraphParts parts =
      with_a_cache(node("Attention", {"q", "k", "v", "m"}, {"y"},
                        {attribute("q_num_heads", heads), attribute("kv_num_heads", shared_heads),
                         real_attribute("scale", 0.7F)}));
  parts.outputs.resize(1);
  parts.inputs.push_back(value("m", "2x1x1x3", 9));
  auto inputs = given();
  inputs["m"] = {1, 0, 1, 1, 1, 0};
  const auto now = [&](const Doubles& x) { return split(x, samples, tokens, shared_heads, size); };
  expect_near(run_by_hand(parts, inputs, 23),
              attention(queries(), now(k_given), now(v_given), samples, 0.7F,
                        [&](std::int64_t n, auto, auto, std::int64_t j) {
                          return inputs["m"][static_cast<std::size_t>(n * 3 + j)] != 0 ? 0.0
                                                                                       : -INFINITY;
                        }));
  parts.nodes = {node("Attention", {"q", "k", "v"}, {"y"},
                      {attribute("q_num_heads", heads), attribute("kv_num_heads", shared_heads),
                       real_attribute("softcap", 0.5F)})};
  expect_near(run_by_hand(parts, given(), 23), attention(queries(), now(k_given), now(v_given),
                                                         samples, 1 / std::sqrt(6.0), none, 0.5));
}

/// Halves of the first 4 features of each head turned by the angles of a token.
Tensor4 turned(Tensor4 x, std::int64_t first, bool neighbours) {
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t h = 0; h < x.heads; ++h) {
      for (std::int64_t t = 0; t < x.tokens; ++t) {
        for (std::int64_t i = 0; i < 2; ++i) {
          double& a = x.at(n, h, t, neighbours ? 2 * i : i);
          double& b = x.at(n, h, t, neighbours ? 2 * i + 1 : i + 2);
          const double angle = static_cast<double>(t + first) / (i + 1.0);
          const double before = a;
          a = before * std::cos(angle) - b * std::sin(angle);
          b = before * std::sin(angle) + b * std::cos(angle);
        }
      }
    }
  }
  return x;
}

std::vector<float> angles(double (*of)(double)) {
  std::vector<float> all;
  for (int t = 0; t < 8; ++t) {
    all.push_back(static_cast<float>(of(t)));
    all.push_back(static_cast<float>(of(t / 2.0)));
  }
  return all;
}

std::vector<Message> tables() {
  return {reals("cos", {8, 2}, angles(std::cos)), reals("sin", {8, 2}, angles(std::sin))};
}

// Queries and new keys stand behind the past ones; a query sees two keys before itself.
TEST(RunAttention, GroupsThatTurnTheirQueriesAndKeys) {
  for (const bool neighbours : {false, true}) {
    GraphParts parts = with_a_cache(
        node("GroupQueryAttention", {"q", "k", "v", "pk", "pv", "lengths", "total", "cos", "sin"},
             {"y", "nk", "nv"},
             {attribute("num_heads", heads), attribute("kv_num_heads", shared_heads),
              attribute("do_rotary", 1), attribute("rotary_interleaved", neighbours ? 1 : 0),
              attribute("local_window_size", 3)},
             "", "com.microsoft"));
    parts.inputs.push_back(value("lengths", "2", 6));
    parts.initializers = tables();
    parts.initializers.push_back(integers("total", {}, {5}));
    const Tensor4 new_keys =
        turned(split(k_given, samples, tokens, shared_heads, size), past, neighbours);
    const Tensor4 all_keys = behind({shared_heads, past, size, past_k}, new_keys, samples);
    const auto results = run_all_by_hand(parts, given());
    expect_near(results.at("nk"), all_keys.data);
    expect_near(results.at("y"),
                attention(turned(queries(), past, neighbours), all_keys, values(), samples,
                          1 / std::sqrt(6.0), [&](auto, auto, std::int64_t i, std::int64_t j) {
                            return j <= i + past && i + past - j < 3 ? 0.0 : -INFINITY;
                          }));
  }
}

TEST(RunAttention, TurnsByItself) {
  const GraphParts parts{
      .nodes = {node("RotaryEmbedding", {"q", "places", "cos", "sin"}, {"y"},
                     {attribute("num_heads", heads), attribute("rotary_embedding_dim", 4)}, "",
                     "com.microsoft")},
      .inputs = {value("q", "2x3x24")},
      .outputs = {value("y", "")},
      .initializers = {reals("cos", {8, 2}, angles(std::cos)),
                       reals("sin", {8, 2}, angles(std::sin)),
                       integers("places", {2, 3}, {2, 3, 4, 2, 3, 4})}};
  Tensor4 wanted = turned(queries(), 2, false);
  Doubles side_by_side;
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t t = 0; t < tokens; ++t) {
      for (std::int64_t h = 0; h < heads; ++h) {
        for (std::int64_t i = 0; i < size; ++i) {
          side_by_side.push_back(wanted.at(n, h, t, i));
        }
      }
    }
  }
  expect_near(run_by_hand(parts, {{"q", q_given}}), side_by_side);
}

// By the operator of opset 23: rows 2 and 0 of the tables, pairs of halves or of neighbours.
TEST(RunAttention, TurnsByPlacesInTables) {
  const auto turn = [](bool neighbours) {
    const GraphParts parts{.nodes = {node("RotaryEmbedding", {"x", "cos", "sin", "places"}, {"y"},
                                          {attribute("interleaved", neighbours ? 1 : 0)})},
                           .inputs = {value("x", "1x1x2x4")},
                           .outputs = {value("y", "")},
                           .initializers = {reals("cos", {3, 2}, {1, 1, 9, 9, 0, 2}),
                                            reals("sin", {3, 2}, {0, 0, 9, 9, 1, 3}),
                                            integers("places", {1, 2}, {2, 0})}};
    return run_by_hand(parts, {{"x", {1, 2, 3, 4, 5, 6, 7, 8}}}, 23);
  };
  expect_near(turn(false), {-3, -8, 1, 14, 5, 6, 7, 8});
  expect_near(turn(true), {-2, 1, -6, 17, 5, 6, 7, 8});
}

// ONNX Runtime adds -10000 to scores of padding.
TEST(RunAttention, ManyHeadsWithPaddingAndABias) {
  const Doubles k = random("k4", samples * tokens * heads * size);
  const Doubles v = random("v4", samples * tokens * heads * size);
  GraphParts parts{.nodes = {node("MultiHeadAttention", {"q", "k", "v", "", "pad", "add"}, {"y"},
                                  {attribute("num_heads", heads)}, "", "com.microsoft")},
                   .inputs = {value("q", "2x3x24"), value("k", "2x3x24"), value("v", "2x3x24"),
                              value("pad", "2x3", 6), value("add", "1x4x3x3")},
                   .outputs = {value("y", "")}};
  const Doubles pad{1, 1, 0, 1, 1, 1};
  const Doubles add = random("add", 36);
  const auto at = [](const Doubles& x, std::int64_t i) { return x[static_cast<std::size_t>(i)]; };
  expect_near(run_by_hand(parts, {{"q", q_given}, {"k", k}, {"v", v}, {"pad", pad}, {"add", add}}),
              attention(queries(), split(k, samples, tokens, heads, size),
                        split(v, samples, tokens, heads, size), samples, 1 / std::sqrt(6.0),
                        [&](std::int64_t n, std::int64_t h, std::int64_t i, std::int64_t j) {
                          return at(add, (h * 3 + i) * 3 + j) +
                                 (at(pad, n * 3 + j) != 0 ? 0 : -10000);
                        }));
  // Lengths instead of a mask.
  parts.inputs[3] = value("pad", "2", 6);
  expect_near(
      run_by_hand(parts, {{"q", q_given}, {"k", k}, {"v", v}, {"pad", {2, 3}}, {"add", add}}),
      attention(queries(), split(k, samples, tokens, heads, size),
                split(v, samples, tokens, heads, size), samples, 1 / std::sqrt(6.0),
                [&](std::int64_t n, std::int64_t h, std::int64_t i, std::int64_t j) {
                  return at(add, (h * 3 + i) * 3 + j) + (j < 2 + n ? 0 : -10000);
                }));
}

// The projections of an input, its past in one tensor.
TEST(RunAttention, ProjectsAndKeepsItsPastInOneTensor) {
  const std::int64_t width = heads * size;
  const Doubles w = random("w", 24 * 3 * width);
  const Doubles both = random("past", 2 * samples * heads * past * size);
  GraphParts parts{
      .nodes = {node("Attention", {"q", "w", "", "m", "past"}, {"y", "present"},
                     {attribute("num_heads", heads), attribute("unidirectional", 1)}, "",
                     "com.microsoft")},
      .inputs = {value("q", "2x3x24"), value("past", "2x2x4x2x6"), value("m", "2x5", 6)},
      .outputs = {value("y", ""), value("present", "")},
      .initializers = {reals("w", {24, 3 * width}, {w.begin(), w.end()})}};
  const auto projected = [&](std::int64_t which) {
    Doubles y;
    for (std::int64_t r = 0; r < samples * tokens; ++r) {
      for (std::int64_t o = 0; o < width; ++o) {
        double sum = 0;
        for (std::int64_t i = 0; i < 24; ++i) {
          sum += q_given[static_cast<std::size_t>(r * 24 + i)] *
                 static_cast<double>(static_cast<float>(
                     w[static_cast<std::size_t>(i * 3 * width + which * width + o)]));
        }
        y.push_back(sum);
      }
    }
    return split(y, samples, tokens, heads, size);
  };
  const auto half = static_cast<std::ptrdiff_t>(both.size() / 2);
  const Tensor4 k =
      behind({heads, past, size, {both.begin(), both.begin() + half}}, projected(1), samples);
  const Tensor4 v =
      behind({heads, past, size, {both.begin() + half, both.end()}}, projected(2), samples);
  const Doubles mask{0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const auto results = run_all_by_hand(parts, {{"q", q_given}, {"past", both}, {"m", mask}});
  expect_near(results.at("y"),
              attention(projected(0), k, v, samples, 1 / std::sqrt(6.0),
                        [&](std::int64_t n, auto, std::int64_t i, std::int64_t j) {
                          return (j <= i + past ? 0.0 : -INFINITY) +
                                 (mask[static_cast<std::size_t>(n * 5 + j)] != 0 ? 0 : -10000);
                        }));
  Doubles present = k.data;
  present.insert(present.end(), v.data.begin(), v.data.end());
  expect_near(results.at("present"), present);
}

TEST(RunAttention, RefusesWhatItDoesNotDo) {
  GraphParts parts =
      with_a_cache(node("Attention", {"q", "k", "v", "m"}, {"y"},
                        {attribute("q_num_heads", heads), attribute("kv_num_heads", shared_heads),
                         real_attribute("softcap", 2.0F)}));
  parts.outputs.resize(1);
  parts.inputs.push_back(value("m", "3x3"));
  EXPECT_THAT([&] { run_by_hand(parts, given(), 23); },
              ::testing::ThrowsMessage<BadInput>(
                  ::testing::HasSubstr("with a soft cap and a mask it is not run")));
}

}  // namespace
}  // namespace flopmeter::onnx::attention_by_hand
