#include "counters/executed/fuzz/fuzzer.h"

#include <fmt/format.h>

#include <algorithm>

#include "counters/executed/arithmetic/names.h"
#include "counters/executed/fuzz/generator.h"
#include "counters/executed/fuzz/single_step.h"

namespace flopmeter::executed::fuzz {

const Fuzzer::Sequence* volatile Fuzzer::under_way = nullptr;

Fuzzer::Fuzzer(std::uint64_t code_address, bool use_fsgsbase)
    : place_(code_address), translator_(use_fsgsbase) {}

std::string Fuzzer::batch(std::uint64_t first, std::uint32_t count) {
  std::vector<Sequence> sequences;
  place_.writable();
  std::uint8_t* at = place_.code();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    std::uint8_t* const begin = at;
    at = Generator(seed, place_, at, false).sequence();
    sequences.push_back({seed, begin, at});
  }
  place_.executable();
  for (Sequence& one : sequences) run(one, one.expected);
  auto counted = [&] {
    for (Sequence& one : sequences) run(one, one.found);
  };
  translator_.run([](void* f) { (*static_cast<decltype(counted)*>(f))(); }, &counted);
  for (const Sequence& one : sequences)
    if (one.found != one.expected) return difference_of(one);
  return "";
}

std::string Fuzzer::compare_totals(std::uint64_t seed) {
  place_.writable();
  Sequence sequence{seed, place_.code(), Generator(seed, place_, place_.code(), true).sequence()};
  place_.executable();
  Random random(~seed);
  place_.fill(random, sequence.begin);
  constexpr std::uint64_t trap_flag = 0x100;
  const std::vector<std::uint8_t> start = place_.snapshot();
  const auto enter = [](void* guest) { executed_fuzz_enter(static_cast<Guest*>(guest)); };
  const Totals before = translator_.totals();
  translator_.run(enter, &place_.guest());
  const Totals counted = translator_.totals() - before;
  place_.restore(start);
  place_.guest().flags |= trap_flag;
  const Totals stepped = single_step(enter, &place_.guest());
  if (counted == stepped) return "";
  return fmt::format("seed {}:\n{}{}", seed, difference(counted, stepped),
                     disassembly(sequence.begin, sequence.end));
}

std::string difference(const Totals& counted, const Totals& stepped) {
  std::string text;
  if (counted.instructions != stepped.instructions)
    text += fmt::format("  {} instructions counted, {} stepped\n", counted.instructions,
                        stepped.instructions);
  const auto compare = [&](const Arithmetic& arithmetic, const Cell& /*cell*/) {
    const Cell& a = counted.cell(arithmetic);
    const Cell& b = stepped.cell(arithmetic);
    const std::string line = fmt::format(
        "  {}: {}, {} of {} lanes counted; {}, {} of {} lanes stepped\n", to_string(arithmetic),
        a.instructions, a.active, a.full, b.instructions, b.active, b.full);
    if (a != b && text.find(line) == std::string::npos) text += line;
  };
  counted.for_each(compare);
  stepped.for_each(compare);
  return text;
}

void Fuzzer::run(Sequence& sequence, std::vector<std::uint8_t>& result) {
  under_way = &sequence;
  Random random(~sequence.seed);
  place_.fill(random, sequence.begin);
  executed_fuzz_enter(&place_.guest());
  result = place_.snapshot();
}

std::string Fuzzer::difference_of(const Sequence& sequence) {
  std::string text = fmt::format("seed {}:\n", sequence.seed);
  for (std::size_t i = 0; i < sequence.expected.size(); ++i)
    if (sequence.expected[i] != sequence.found[i])
      text += fmt::format("  {}: {:#04x} untraced, {:#04x} traced\n", Place::name_of(i),
                          sequence.expected[i], sequence.found[i]);
  return text + disassembly(sequence.begin, sequence.end);
}

std::string Fuzzer::running() {
  const Sequence* const one = under_way;
  return one == nullptr ? ""
                        : fmt::format("seed {}:\n{}", one->seed, disassembly(one->begin, one->end));
}

std::string disassembly(const std::uint8_t* begin, const std::uint8_t* end) {
  std::string lines;
  while (begin < end) {
    const auto address = reinterpret_cast<std::uint64_t>(begin);
    const auto available = static_cast<std::size_t>(end - begin);
    char text[128] = "";
    text_of(begin, available, address, text, sizeof text);
    lines += fmt::format("  {:#x} {}\n", address, text);
    begin += std::max<std::uint8_t>(1, instruction_at(begin, available, address).length);
  }
  return lines;
}

}  // namespace flopmeter::executed::fuzz
