#include "validate/claims/condition.h"

#include <array>
#include <bit>

namespace flopmeter::claims {
namespace {

// In the order in which verdicts name them. Only conditions that a reader would recognise: with
// enough strange ones, a wrong formula always holds somewhere. What is imposed must leave
// everything else free, or a condition is taken for another that always comes with it.
constexpr auto table = std::to_array<Condition>({
    {"mb = 1", "mb == 1", "mb=1"},
    {"g = 1", "g == 1", "g=1"},
    {"depthwise", "g == ic && g == oc && g > 1", "ic=g oc=g"},
    {"one input channel a group", "ic == g", "ic=g"},
    {"1x1 kernel", "kh == 1 && kw == 1", "kh=1 kw=1"},
    {"square kernel", "kh == kw", "kw=kh"},
    {"stride 1", "sd == 1 && sh == 1 && sw == 1", "sh=1 sw=1"},
    {"no dilation", "(dh == 0 || kh == 1) && (dw == 0 || kw == 1)", "dh=0 dw=0"},
    {"no padding", "pd == 0 && ph == 0 && pw == 0 && pd_r <= 0 && ph_r <= 0 && pw_r <= 0",
     "ph=0 pw=0 oh= ow="},
    // As frameworks pad: what is left over at the end may be up to one stride less.
    {"the same padding on both sides",
     "pd_r <= pd && pd_r > pd - sd && ph_r <= ph && ph_r > ph - sh && pw_r <= pw && pw_r > pw - sw",
     "oh= ow="},
    {"output as large as the input", "oh == ih && ow == iw", "oh=ih ow=iw ph= pw= sh=1 sw=1"},
    {"square input", "ih == iw", "iw=ih"},
    {"square output", "oh == ow", "oh=ih ow=ih ph= pw="},
    {"no depth", "id == 1", "id=1"},
    {"flat input", "id == 1 && ih == 1 && iw == 1", "id=1 ih=1 iw=1"},
    {"one matrix", "ba == 1 && bb == 1", "ba=1 bb=1"},
    {"bias = 1", "bias == 1", "bias=1"},
    {"bias = 0", "bias == 0", "bias=0"},
    {"affine = 1", "affine == 1", "affine=1"},
    {"affine = 0", "affine == 0", "affine=0"},
    {"statistics of the batch", "train == 1", "train=1"},
    {"statistics given", "train == 0", "train=0"},
    {"one layer", "t > 0 && l == 1", "l=1"},
    {"one direction", "dir == 1", "dir=1"},
    {"two bias vectors", "vectors == 2", "vectors=2"},
    {"states of one width", "(dic == dhc || dic == 0) && (hin == dhc || hin == 0)", "dic= hin="},
    {"not causal", "causal == 0", "causal=0"},
    {"as many heads of keys as of queries", "hkv == h", "hkv="},
    {"self-attention", "cross == 0", "cross=0"},
    {"no sinks", "sink == 0", "sink=0"},
    {"no past tokens", "past == 0", "past=0"},
    {"8 or more MACs an output", "macs >= 8*outputs", "", false},
});

class Search {
 public:
  Search(std::span<const Bits> predicates, const Bits& wanted, std::size_t fewest_shapes)
      : predicates_(predicates), wanted_(wanted), fewest_shapes_(fewest_shapes) {}

  std::optional<Conjunction> of_size(std::size_t size, const Bits& all) {
    extend(size, 0, all);
    return best_;
  }

 private:
  void extend(std::size_t more, std::size_t from, const Bits& shapes) {
    const std::size_t count = shapes.count();
    if (count < fewest_shapes_ || (best_ && count <= best_->shapes)) {
      return;
    }
    if (more == 0) {
      if (shapes.within(wanted_)) {
        best_ = Conjunction{chosen_, count};
      }
      return;
    }
    for (std::size_t i = from; i < predicates_.size(); ++i) {
      chosen_.push_back(i);
      extend(more - 1, i + 1, shapes & predicates_[i]);
      chosen_.pop_back();
    }
  }

  std::span<const Bits> predicates_;
  const Bits& wanted_;
  std::size_t fewest_shapes_;
  std::vector<std::size_t> chosen_;
  std::optional<Conjunction> best_;
};

}  // namespace

std::span<const Condition> conditions() { return table; }

Bits::Bits(std::size_t size, bool value) : words_(size / 64 + 1) {
  for (std::size_t i = 0; value && i < size; ++i) {
    set(i);
  }
}

std::size_t Bits::count() const {
  std::size_t sum = 0;
  for (const std::uint64_t word : words_) {
    sum += static_cast<std::size_t>(std::popcount(word));
  }
  return sum;
}

bool Bits::within(const Bits& other) const {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if ((words_[i] & ~other.words_[i]) != 0) {
      return false;
    }
  }
  return true;
}

Bits Bits::operator&(const Bits& other) const {
  Bits both = *this;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    both.words_[i] &= other.words_[i];
  }
  return both;
}

std::optional<Conjunction> weakest_conjunction(std::span<const Bits> predicates, const Bits& wanted,
                                               const Bits& all, const SearchLimits& limits) {
  // All shapes are all shapes, however few.
  if (all.within(wanted)) {
    return Conjunction{{}, all.count()};
  }
  for (std::size_t size = 1; size <= limits.most_conditions; ++size) {
    if (auto found = Search(predicates, wanted, limits.fewest_shapes).of_size(size, all)) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace flopmeter::claims
