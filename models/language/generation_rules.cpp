#include "models/language/generation_rules.h"

#include <array>

namespace flopmeter::models {
namespace {

constexpr std::array all_rules{
    GenerationRule{"norm, then products", "the products, behind the norm of their rows",
                   "the norm is read by them alone"},
    GenerationRule{"q, k, v of one x", "one node: rows of all three are shared by the threads", ""},
    GenerationRule{"norms of heads, rotary positions, the cache",
                   "one node that turns queries, and appends keys and values in place", ""},
    GenerationRule{"scores, soft cap, window, sinks, softmax, values",
                   "one node over the cache, 128 keys at a time", ""},
    GenerationRule{"gate, up, activation, product", "one node: a thread makes as many of both", ""},
    GenerationRule{"product, + residual", "added to what lies there", "no norm in between"},
};

}  // namespace

std::span<const GenerationRule> generation_rules() { return all_rules; }

}  // namespace flopmeter::models
