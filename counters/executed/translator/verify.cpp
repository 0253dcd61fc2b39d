// How a block looks whether its source is still what was translated, changing no flag.
#include <algorithm>
#include <cstring>

#include "counters/executed/translator/trace.h"

namespace flopmeter::executed {

void Trace::verify_source() {
  const auto length = static_cast<std::uint32_t>(plan_.end_address() - plan_.address());
  const bool wide = length >= wide_step &&
                    std::any_of(plan_.begin(), plan_.end(),
                                [](const Instruction& instruction) { return instruction.wide; });
  code_.store(scratch(0), rcx);
  code_.store(scratch(1), rax);
  code_.bytes(0xe9);  // past the jump that comparisons lead to, and past what is compared
  const std::uint64_t over = code_.code();
  code_.put(std::int32_t{0});
  stale_jump_ = code_.code();
  code_.bytes(0xe9);
  stales_[stale_count_++] = {code_.code(), plan_.address()};
  code_.put(std::int32_t{0});
  const std::uint64_t expected = code_.code();
  if (wide) code_.copy(source_, length);
  lead(over, code_.code());
  if (wide)
    verify_wide(expected, length);
  else
    verify_narrow(length);
  code_.load(rax, scratch(1));
  code_.load(rcx, scratch(0));
}

// By subtractions.
void Trace::verify_narrow(std::uint32_t length) {
  constexpr std::uint32_t step = 8;
  std::uint32_t at = 0;
  for (; at + step <= length; at += step) verify_part(at, step);
  if (at > 0 && at < length) verify_part(length - step, step);
  for (std::uint32_t part = step / 2; length < step && part > 0; part /= 2) {
    if ((length & part) == 0) continue;
    verify_part(at, part);
    at += part;
  }
}

void Trace::verify_part(std::uint32_t at, std::uint32_t bytes) {
  std::uint64_t expected = 0;
  std::memcpy(&expected, source_ + at, bytes);
  // rax = the bytes, by an absolute address
  if (bytes < 4) code_.bytes(0xb8, 0, 0, 0, 0);
  if (bytes == 8) code_.bytes(0x48);
  if (bytes == 2) code_.bytes(0x66);
  code_.bytes(bytes == 1 ? 0xa0 : 0xa1);
  code_.put(plan_.address() + at);
  code_.move(rcx, -expected);
  code_.add(rcx, rax);
  jump_if_stale();
}

// Unless rcx is 0.
void Trace::jump_if_stale() {
  constexpr std::uint8_t jump_bytes = 5;
  code_.bytes(0xe3, jump_bytes);  // jrcxz past the jump
  code_.jump_near(stale_jump_);
}

// What computes in registers of 512 bits is long, and such a register compares as much of it at once:
// zmm0 = all bits that differ from the copy of the source, then rcx = whether there are any.
void Trace::verify_wide(std::uint64_t expected, std::uint32_t length) {
  constexpr std::uint32_t other_register = EXECUTED_WIDE + 64;
  const auto operand_to = [&](std::uint64_t to, std::uint32_t behind) {
    code_.put(static_cast<std::int32_t>(to - (code_.code() + 4 + behind)));
  };
  code_.bytes(0x65, 0x62, 0xf1, 0xfe, 0x48, 0x7f, 0x04, 0x25);  // vmovdqu64 gs:[...], zmm0
  code_.put(std::uint32_t{EXECUTED_WIDE});
  code_.bytes(0x65, 0x62, 0xf1, 0xfe, 0x48, 0x7f, 0x0c, 0x25);  // vmovdqu64 gs:[...], zmm1
  code_.put(other_register);
  code_.move(rax, plan_.address());
  code_.bytes(0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x00);  // vmovdqu64 zmm0, [rax]
  code_.bytes(0x62, 0xf1, 0xfd, 0x48, 0xef, 0x05);  // vpxorq zmm0, zmm0, [rip + ...]
  operand_to(expected, 0);
  for (std::uint32_t done = wide_step; done < length; done += wide_step) {
    const std::uint32_t at = std::min(done, length - wide_step);
    code_.bytes(0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x88);  // vmovdqu64 zmm1, [rax + at]
    code_.put(at);
    code_.bytes(0x62, 0xf3, 0xf5, 0x48, 0x25, 0x05);  // vpternlogq zmm0, zmm1, [rip + ...]
    operand_to(expected + at, 1);
    code_.bytes(0xf6);  // zmm0 | (zmm1 ^ memory)
  }
  code_.bytes(0x62, 0xf3, 0xfd, 0x48, 0x3b, 0xc1, 1);           // vextracti64x4 ymm1, zmm0, 1
  code_.bytes(0xc5, 0xfd, 0xeb, 0xc1);                          // vpor ymm0, ymm0, ymm1
  code_.bytes(0xc4, 0xe3, 0x7d, 0x39, 0xc1, 1);                 // vextracti128 xmm1, ymm0, 1
  code_.bytes(0xc5, 0xf9, 0xeb, 0xc1);                          // vpor xmm0, xmm0, xmm1
  code_.bytes(0xc5, 0xf9, 0x6d, 0xc8);                          // vpunpckhqdq xmm1, xmm0, xmm0
  code_.bytes(0xc5, 0xf9, 0xeb, 0xc1);                          // vpor xmm0, xmm0, xmm1
  code_.bytes(0xc4, 0xe1, 0xf9, 0x7e, 0xc1);                    // vmovq rcx, xmm0
  code_.bytes(0x65, 0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x04, 0x25);  // and both as they were
  code_.put(std::uint32_t{EXECUTED_WIDE});
  code_.bytes(0x65, 0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x0c, 0x25);
  code_.put(other_register);
  jump_if_stale();
}

}  // namespace flopmeter::executed
