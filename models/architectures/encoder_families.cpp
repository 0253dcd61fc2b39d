// Families with an encoder, of tokens, images or sound.
#include <array>

#include "models/architectures/family.h"

namespace flopmeter::models {
namespace {

void bert(Transformer& t) {
  layernorm_biases(t);
  t.kind = Kind::encoder;
  t.positions = Positions::learned;
  t.activation = Activation::gelu;
  t.norm_before = false;
  t.norm_after = true;
  t.final_norm = false;
  t.embedding_norm = true;
  t.head = false;
  t.pooler = true;
}

void distilbert(Transformer& t) {
  bert(t);
  t.pooler = false;
}

/// An encoder and a decoder of BERT's layers, each with positions of its own.
void bart(Transformer& t) {
  bert(t);
  t.kind = Kind::encoder_decoder;
  t.head = true;
  t.pooler = false;
  t.tied = true;
}

/// The same with norms before.
void mbart(Transformer& t) {
  bart(t);
  t.norm_before = true;
  t.norm_after = false;
  t.final_norm = true;
}

/// The same without a norm of the embedding; positions are a table of sines that is stored.
void pegasus(Transformer& t) {
  mbart(t);
  t.embedding_norm = false;
}

void m2m(Transformer& t) {
  pegasus(t);
  t.positions = Positions::fixed;
}

void marian(Transformer& t) {
  bart(t);
  t.embedding_norm = false;
}

void whisper(Transformer& t) {
  pegasus(t);
  t.k_bias = false;
  t.spectrum = {.bands = 80, .frames = 1500};
  t.positions_stored = 448;
}

void t5(Transformer& t) {
  t.kind = Kind::encoder_decoder;
  t.positions = Positions::relative;
  t.activation = Activation::relu;
  t.scaled = false;
  t.tied = true;
}

void umt5(Transformer& t) {
  t5(t);
  t.relative_each_layer = true;
}

/// One layer's weights serve all; tokens are of another size.
void albert(Transformer& t) {
  bert(t);
  t.activation = Activation::gelu_tanh;
  t.embedding_size = 128;
  t.embedding_bias = true;
  t.stored_layers = 1;
}

void electra(Transformer& t) {
  distilbert(t);
  t.embedding_bias = true;
}

void modernbert(Transformer& t) {
  distilbert(t);
  t.norm_bias = t.q_bias = t.o_bias = t.ff_bias = false;
  t.norm_before = t.final_norm = true;
  t.norm_after = t.first_norm = false;
  t.positions = Positions::rotary;
  t.activation = Activation::geglu;
}

/// An image in squares, and a token that stands for all of it; sizes are those that files leave out.
void vit(Transformer& t) {
  layernorm_biases(t);
  t.kind = Kind::encoder;
  t.positions = Positions::learned;
  t.activation = Activation::gelu;
  t.head = false;
  t.hidden = 768;
  t.layers = t.heads = 12;
  t.patches = {.height = 224, .width = 224, .patch = 16};
}

void deit(Transformer& t) {
  vit(t);
  t.patches.extra = 2;
}

void dinov2(Transformer& t) {
  vit(t);
  t.layer_scale = true;
  t.patches.unused = 1;
}

void clip_vision(Transformer& t) {
  vit(t);
  t.activation = Activation::quick_gelu;
  t.embedding_norm = t.norm_first_token = true;
  t.feed_forward = 3072;
  t.patches = {.height = 224, .width = 224, .patch = 32, .bias = false};
}

void clip_text(Transformer& t) {
  layernorm_biases(t);
  t.positions = Positions::learned;
  t.activation = Activation::quick_gelu;
  t.tied = t.head = false;
  t.hidden = 512;
  t.layers = 12;
  t.heads = 8;
  t.feed_forward = 2048;
  t.vocabulary = 49408;
  t.positions_stored = 77;
}

/// Frames of sound; sizes are those that files leave out.
void wav2vec2(Transformer& t) {
  distilbert(t);
  t.positions = Positions::none;
  t.hidden = 768;
  t.layers = t.heads = 12;
  t.feed_forward = 3072;
  t.vocabulary = 32;
  t.waveform.convolutions = {{512, 10, 5}, {512, 3, 2}, {512, 3, 2}, {512, 3, 2},
                             {512, 3, 2},  {512, 2, 2}, {512, 2, 2}};
}

void siglip_vision(Transformer& t) {
  vit(t);
  t.activation = Activation::gelu_tanh;
  t.feed_forward = 3072;
  t.patches.extra = 0;
}

void siglip_text(Transformer& t) {
  clip_text(t);
  t.kind = Kind::encoder;
  t.activation = Activation::gelu_tanh;
  t.hidden = 768;
  t.heads = 12;
  t.feed_forward = 3072;
  t.vocabulary = 32000;
  t.positions_stored = 64;
}

constexpr std::array encoding{
    Family{"t5", "t5", t5},
    Family{"bert", "bert", bert},
    Family{"roberta", "", bert},
    Family{"xlm-roberta", "", bert},
    Family{"camembert", "", bert},
    Family{"electra", "", electra},
    Family{"distilbert", "", distilbert},
    Family{"bart", "", bart},
    Family{"mbart", "", mbart},
    Family{"pegasus", "", pegasus},
    Family{"m2m_100", "", m2m},
    Family{"marian", "", marian},
    Family{"whisper", "", whisper},
    Family{"mt5", "", t5},
    Family{"umt5", "", umt5},
    Family{"albert", "", albert},
    Family{"mpnet", "", bert},
    Family{"deberta-v2", "", distilbert},
    Family{"modernbert", "", modernbert},
    Family{"vit", "", vit},
    Family{"deit", "", deit},
    Family{"dinov2", "", dinov2},
    Family{"clip_vision_model", "", clip_vision},
    Family{"clip_text_model", "", clip_text},
    Family{"siglip_vision_model", "", siglip_vision},
    Family{"siglip_text_model", "", siglip_text},
    Family{"wav2vec2", "", wav2vec2},
};

}  // namespace

std::span<const Family> encoder_families() { return encoding; }

}  // namespace flopmeter::models
