#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "counters/executed/arithmetic/mnemonics.h"
#include "counters/executed/fuzz/fuzzer.h"
#include "counters/executed/fuzz/generator.h"

namespace flopmeter::executed::fuzz {
namespace {

// High enough for the address sanitizer, and within 4 GiB of nothing else.
constexpr std::uint64_t high = 0x200000000000;

std::vector<std::string> forms_that_never_encode() {
  std::vector<std::string> result;
  const Place place(high);
  for (const Form& form : forms())
    for_each_mnemonic(form.mnemonics, [&](std::string_view word) {
      Generator generator(1, place, place.code(), false);
      constexpr int attempts = 500;
      int i = 0;
      while (i < attempts && !generator.form(find_mnemonic(word), form)) ++i;
      if (i == attempts) result.push_back(fmt::format("{} {}", word, form.operands));
    });
  return result;
}

TEST(ExecutedFuzz, EveryFormEncodes) { EXPECT_THAT(forms_that_never_encode(), testing::IsEmpty()); }

TEST(ExecutedFuzz, RandomSequences) {
  constexpr std::uint32_t batch = 64;
  for (const bool use_fsgsbase : {has_fsgsbase(), false}) {
    Fuzzer fuzzer(high, use_fsgsbase);
    const std::uint64_t first = use_fsgsbase ? 1 : 1000000000;
    for (std::uint64_t seed = first; seed < first + 100 * batch; seed += batch)
      ASSERT_EQ(fuzzer.batch(seed, batch), "");
  }
}

}  // namespace
}  // namespace flopmeter::executed::fuzz
