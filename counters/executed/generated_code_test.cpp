// Code that is generated and changed at run time, and code in odd places.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <vector>

#include "counters/executed/fuzz/code.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

constexpr std::size_t page = 4096;

/// CodePages for code, anywhere or at an address.
class CodePages {
 public:
  explicit CodePages(std::size_t bytes = page, std::uint64_t address = 0) : bytes_(bytes) {
    map(address);
  }
  ~CodePages() { munmap(at_, bytes_); }
  CodePages(const CodePages&) = delete;
  CodePages& operator=(const CodePages&) = delete;

  std::uint8_t* at() const { return at_; }

  void map(std::uint64_t address) {
    void* const got =
        mmap(reinterpret_cast<void*>(address), bytes_, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | (address != 0 ? MAP_FIXED_NOREPLACE : 0), -1, 0);
    ASSERT_NE(got, MAP_FAILED);
    at_ = static_cast<std::uint8_t*>(got);
  }
  void remap() {
    munmap(at_, bytes_);
    map(reinterpret_cast<std::uint64_t>(at_));
  }
  void executable() const { mprotect(at_, bytes_, PROT_READ | PROT_EXEC); }
  void writable() const { mprotect(at_, bytes_, PROT_READ | PROT_WRITE); }
  /// The code returns that value.
  void write_constant(std::int32_t value) const {
    fuzz::Code code(at_);
    code.bytes(0xb8);
    code.put(value);
    code.bytes(0xc3);
    executable();
  }
  int call() const { return reinterpret_cast<int (*)()>(at_)(); }

 private:
  std::uint8_t* at_ = nullptr;
  std::size_t bytes_;
};

class GeneratedCode : public testing::Test {
 protected:
  template <class F>
  void run(F f) {
    EXPECT_TRUE(translator.run([](void* g) { (*static_cast<F*>(g))(); }, &f).returned);
  }
  std::int64_t instructions_of(const CodePages& code) {
    const std::int64_t before = translator.totals().instructions;
    translator.run(reinterpret_cast<void (*)(void*)>(code.at()), nullptr);
    return translator.totals().instructions - before;
  }

  Translator translator{has_fsgsbase()};
};

// Indirect branches find code by the low 16 bits of its address.
TEST_F(GeneratedCode, BranchesToAddressesWithTheSameLowBitsDoNotCrowdOneAnotherOut) {
  constexpr std::size_t apart = 1U << 16;
  const CodePages pages(3 * apart);
  const auto write = [&](std::size_t i, std::int32_t value) {
    fuzz::Code code(pages.at() + i * apart);
    code.bytes(0xb8);
    code.put(value);
    code.bytes(0xc3);
  };
  const auto call = [&](std::size_t i) {
    return reinterpret_cast<int (*)()>(pages.at() + i * apart)();
  };
  for (std::size_t i = 0; i < 3; ++i) write(i, 1 << i);
  pages.executable();
  int sum = 0;
  run([&] {
    for (int i = 0; i < 100; ++i) sum += call(0) + call(1) + call(2);
  });
  EXPECT_EQ(sum, 700);
  const auto address = reinterpret_cast<std::uint64_t>(pages.at());
  EXPECT_EQ(translator.translation().links_at(address), 2);
  // What is written anew is found again.
  pages.writable();
  write(1, 20);
  pages.executable();
  run([&] { sum = call(0) + call(1) + call(2); });
  EXPECT_EQ(sum, 25);
}

TEST_F(GeneratedCode, RewrittenBetweenRuns) {
  CodePages code;
  for (int i = 0; i < 5; ++i) {
    code.writable();
    code.write_constant(i);
    int result = -1;
    run([&] { result = code.call(); });
    EXPECT_EQ(result, i);
  }
}

TEST_F(GeneratedCode, UnmappedBetweenRuns) {
  CodePages code;
  code.write_constant(1);
  run([&] { code.call(); });
  munmap(code.at(), page);
  run([] {});
  code.map(reinterpret_cast<std::uint64_t>(code.at()));
  code.write_constant(2);
  int result = -1;
  run([&] { result = code.call(); });
  EXPECT_EQ(result, 2);
}

CodePages* missing = nullptr;
void map_missing(int /*signal*/) {
  missing->map(reinterpret_cast<std::uint64_t>(missing->at()));
  missing->write_constant(3);
}

// Nothing is known of code that was not there when it was called.
TEST_F(GeneratedCode, MappedByTheHandlerOfItsFault) {
  CodePages code;
  missing = &code;
  munmap(code.at(), page);
  const auto before = signal(SIGSEGV, map_missing);
  const auto run_it = [&] {
    return translator.run(reinterpret_cast<void (*)(void*)>(code.at()), nullptr);
  };
  EXPECT_EQ(run_it().unsupported, reinterpret_cast<std::uint64_t>(code.at()));
  signal(SIGSEGV, before);
  EXPECT_TRUE(run_it().returned);
  EXPECT_EQ(translator.totals().instructions, 2);
}

TEST_F(GeneratedCode, RewrittenInsideARun) {
  CodePages code;
  std::vector<int> results;
  run([&] {
    for (int i = 0; i < 100; ++i) {
      code.writable();
      code.write_constant(i);
      for (int j = 0; j < 3; ++j) results.push_back(code.call() - i);
    }
  });
  EXPECT_THAT(results, testing::AllOf(testing::SizeIs(300), testing::Each(0)));
}

TEST_F(GeneratedCode, MappedAnewInsideARun) {
  CodePages code;
  std::vector<int> results;
  run([&] {
    for (int i = 0; i < 100; ++i) {
      code.remap();
      code.write_constant(i);
      for (int j = 0; j < 3; ++j) results.push_back(code.call() - i);
    }
  });
  EXPECT_THAT(results, testing::AllOf(testing::SizeIs(300), testing::Each(0)));
}

// mov edi, the page; mov esi, 4096; mov edx, 5; mov eax, mprotect; syscall; mov eax, 7; ret
TEST_F(GeneratedCode, ChangesItsOwnPage) {
  const CodePages pages;
  fuzz::Code code(pages.at());
  code.bytes(0x48, 0xbf);
  code.put(pages.at());
  code.bytes(0xbe, 0x00, 0x10, 0x00, 0x00, 0xba, 0x05, 0x00, 0x00, 0x00);
  code.bytes(0xb8, 0x0a, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xb8, 0x07, 0x00, 0x00, 0x00, 0xc3);
  pages.executable();
  for (int i = 0; i < 3; ++i) {
    int result = 0;
    run([&] { result = pages.call(); });
    EXPECT_EQ(result, 7);
    EXPECT_EQ(instructions_of(pages), 7);
  }
}

// At low and high addresses that are far more than 2 GiB apart, calling one another.
TEST_F(GeneratedCode, FarApart) {
  const CodePages low(page, 0x10000000);
  const CodePages high(page, 0x300000000000);
  low.write_constant(5);
  fuzz::Code code(high.at());
  code.bytes(0x48, 0x83, 0xec, 0x08, 0x48, 0xb8);  // sub rsp, 8; mov rax, low
  code.put(low.at());
  code.bytes(0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xff, 0xc0, 0xc3);  // call; add; inc; ret
  high.executable();
  int result = 0;
  run([&] { result = high.call(); });
  EXPECT_EQ(result, 6);
  EXPECT_EQ(instructions_of(high), 8);
}

// More places than there are regions of translated code.
TEST_F(GeneratedCode, TooManyPlaces) {
  std::uint64_t unsupported = 0;
  for (std::uint64_t i = 1; i < 40; ++i) {
    const CodePages code(page, 0x300000000000 + (i << 33U));
    code.write_constant(1);
    const Ending ending = translator.run(reinterpret_cast<void (*)(void*)>(code.at()), nullptr);
    if (!ending.returned && unsupported == 0) unsupported = ending.unsupported;
  }
  EXPECT_EQ(unsupported, 0U);
}

// One jump after another, each a block.
TEST(FullCodeCache, IsForgottenAndTotalsAreKept) {
  constexpr std::uint32_t max_blocks = 200;
  constexpr std::int64_t jumps = 5000;
  const CodePages code(4 * page);
  for (std::int64_t i = 0; i < jumps; ++i) {
    code.at()[2 * i] = 0xeb;
    code.at()[2 * i + 1] = 0;
  }
  code.at()[2 * jumps] = 0xc3;
  code.executable();
  Translator translator(has_fsgsbase(), max_blocks);
  for (int i = 1; i <= 3; ++i) {
    translator.run(reinterpret_cast<void (*)(void*)>(code.at()), nullptr);
    EXPECT_EQ(translator.totals().instructions, i * (jumps + 1));
    EXPECT_LE(translator.blocks().size(), max_blocks);
  }
}

[[gnu::noinline]] int sum_to(int n) {
  volatile int frame[100] = {n};
  return n == 0 ? 0 : frame[0] + sum_to(n - 1);
}

TEST_F(GeneratedCode, DeepRecursion) {
  rlimit limit{};
  getrlimit(RLIMIT_STACK, &limit);
  const auto depth = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 8U << 20) * 3 / 4 / 600);
  int result = 0;
  run([&] { result = sum_to(depth); });
  EXPECT_EQ(result, depth * (depth + 1) / 2);
}

volatile int zero = 0;

// Uses little more than the red zone, with whatever may enter the dispatcher.
[[gnu::noinline]] void use_little_stack() {
  std::array<void (*)(), 2> functions{[] { zero = 1; }, [] { zero = 0; }};
  for (int i = 0; i < 4; ++i) functions[static_cast<std::size_t>(i + zero) % 2]();
  asm volatile("syscall" : : "a"(39) : "rcx", "r11", "memory");
}

// Called on another stack, of which so many bytes are left.
void on_stack(std::uint8_t* top, void (*function)()) {
  asm volatile(
      "movq %%rsp, %%rbx\n"
      "movq %[top], %%rsp\n"
      "callq *%[function]\n"
      "movq %%rbx, %%rsp\n"
      :
      : [top] "r"(top), [function] "r"(function)
      : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
}

TEST_F(GeneratedCode, StackNearItsEnd) {
  const CodePages pages(3 * page);
  mprotect(pages.at(), 2 * page, PROT_NONE);
  constexpr std::size_t left = 512;
  run([&] { on_stack(pages.at() + 2 * page + left, use_little_stack); });
  EXPECT_GT(translator.totals().instructions, 20);
}

}  // namespace
}  // namespace flopmeter::executed
