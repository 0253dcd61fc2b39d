#include "bench/machine/peak_code.h"

#include <xbyak/xbyak.h>

#include <algorithm>
#include <cassert>

namespace flopmeter {
/// void(passes in rdi, a PeakState in rsi). The pages are writable first and executable afterwards,
/// never both.
class PeakCode::Generator : public Xbyak::CodeGenerator {
 public:
  Generator(const PeakSpec& spec, PeakLoopKind kind, int additions)
      : CodeGenerator(8192 + static_cast<std::size_t>(additions) * 3, Xbyak::DontSetProtectRWE),
        spec_(spec),
        chain_(kind == PeakLoopKind::latency),
        additions_(additions) {
    configure_tiles();
    transfer(true);
    Xbyak::Label again;
    align(64);
    L(again);
    const std::uint8_t* const begin = getCurr();
    chain_ ? latency_body() : throughput_body();
    dec(rdi);
    jnz(again, T_NEAR);
    const std::uint8_t* const end = getCurr();
    transfer(false);
    finish();
    setProtectModeRE();
    set_loop(begin, end);
  }

  std::span<const std::uint8_t> loop() const { return loop_; }

 private:
  bool vex() const { return spec_.needs != CpuFeature::sse2; }
  int accumulators() const { return chain_ ? 1 : spec_.accumulators(); }

  Xbyak::Xmm vector(int index) const {
    return spec_.bits == 512   ? Xbyak::Zmm(index)
           : spec_.bits == 256 ? Xbyak::Ymm(index)
                               : Xbyak::Xmm(index);
  }
  int temporary(int index) const { return (spec_.bits == 512 ? 24 : 11) + index; }
  int factor(int index) const { return (spec_.tile() ? 6 : spec_.bits == 512 ? 30 : 14) + index; }

  /// The address of a register in the state; tiles have rows of rax bytes.
  Xbyak::Address in_memory(int index) const {
    const auto offset = static_cast<int>(PeakState::register_bytes(spec_)) * index;
    return spec_.tile() ? ptr[rsi + rax + offset] : ptr[rsi + offset];
  }

  void configure_tiles() {
    if (spec_.tile()) {
      ldtilecfg(ptr[rip + configuration_]);
      mov(eax, 64);
    }
  }

  void load(int to, int from) {
    if (spec_.tile()) {
      tileloadd(Xbyak::Tmm(to), in_memory(from));
    } else {
      const auto target = vector(to);
      vex() ? vmovups(target, in_memory(from)) : movups(target, in_memory(from));
    }
  }

  void store(int from, int to) {
    if (spec_.tile()) {
      tilestored(in_memory(to), Xbyak::Tmm(from));
    } else {
      const auto source = vector(from);
      vex() ? vmovups(in_memory(to), source) : movups(in_memory(to), source);
    }
  }

  void transfer(bool loads) {
    const auto constants = static_cast<int>(spec_.constants.size());
    for (int i = 0; i < 2 && loads; ++i) {
      load(factor(i), i);
    }
    for (int i = 0; i < accumulators(); ++i) {
      loads ? load(i, constants + i) : store(i, constants + i);
    }
  }

  void throughput_body() {
    for (int i = 0; i < spec_.unroll() * spec_.accumulators(); ++i) {
      const int accumulator = i % spec_.accumulators();
      if (spec_.sequence) {
        every_step(accumulator);
      } else {
        write(spec_.steps[static_cast<std::size_t>(accumulator) % spec_.steps.size()], accumulator);
      }
    }
  }

  /// Behind each instruction of a pass its share of the additions, of two registers: some CPUs add
  /// small constants while renaming, in no time.
  void add_share() {
    ++written_;
    for (; added_ * spec_.instructions() < additions_ * written_; ++added_) {
      add(r8, r9);
    }
  }

  void latency_body() {
    for (int i = 0; i < rounds_of_chain(spec_); ++i) {
      every_step(0);
    }
  }

  void every_step(int accumulator) {
    for (const PeakStep& step : spec_.steps) {
      write(step, accumulator);
    }
  }

  int number(Place place, int accumulator) const {
    switch (place.kind) {
      case Place::Kind::temporary:
        return temporary(place.index);
      case Place::Kind::chained:
        return chain_ ? accumulator : factor(0);
      case Place::Kind::factor:
        return factor(place.index);
      default:
        return accumulator;
    }
  }

  void write(const PeakStep& step, int accumulator) {
    const auto index = [&](Place place) { return number(place, accumulator); };
    emit_step(step, index);
    add_share();
  }

  void emit_step(const PeakStep& step, const auto& index) {
    if (spec_.tile()) {
      step.emit(*this, Xbyak::Tmm(index(step.to)), Xbyak::Tmm(index(step.first)),
                Xbyak::Tmm(index(step.second)));
      return;
    }
    const auto to = vector(index(step.to));
    const auto first = vector(index(step.first));
    if (step.second.kind == Place::Kind::memory) {
      step.emit(*this, to, first, in_memory(step.second.index));
    } else {
      step.emit(*this, to, first, vector(index(step.second)));
    }
  }

  void finish() {
    if (spec_.tile()) {
      tilerelease();
    } else if (vex()) {
      vzeroupper();
    }
    ret();
    if (spec_.tile()) {
      write_configuration();
    }
  }

  void set_loop(const std::uint8_t* begin, const std::uint8_t* end) { loop_ = {begin, end}; }

  /// Palette 1: eight tiles of 16 rows of 64 bytes, as ldtilecfg reads them.
  void write_configuration() {
    align(64);
    L(configuration_);
    db(1);
    db(0);
    for (int i = 2; i < 16; ++i) {
      db(0);
    }
    for (int tile = 0; tile < 16; ++tile) {
      dw(tile < 8 ? 64 : 0);
    }
    for (int tile = 0; tile < 16; ++tile) {
      db(tile < 8 ? 16 : 0);
    }
  }

  const PeakSpec& spec_;
  bool chain_;
  std::int64_t additions_;
  std::int64_t added_ = 0;    // of them
  std::int64_t written_ = 0;  // instructions of the row
  Xbyak::Label configuration_;
  std::span<const std::uint8_t> loop_;
};

PeakCode::PeakCode(const PeakSpec& spec, PeakLoopKind kind, int additions)
    : generator_(std::make_unique<Generator>(spec, kind, additions)) {}
PeakCode::~PeakCode() = default;
PeakCode::PeakCode(PeakCode&&) noexcept = default;
PeakCode& PeakCode::operator=(PeakCode&&) noexcept = default;

int PeakCode::rounds_of_chain(const PeakSpec& spec) {
  return std::max(1, 24 / static_cast<int>(spec.steps.size()));
}

void PeakCode::run(std::int64_t passes, PeakState& state) const {
  assert(passes > 0);
  generator_->getCode<void (*)(std::int64_t, std::byte*)>()(passes, state.data());
}

std::span<const std::uint8_t> PeakCode::loop() const { return generator_->loop(); }

}  // namespace flopmeter
