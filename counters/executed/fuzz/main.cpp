// executed_fuzz: runs random instruction sequences as they are and counted, until they differ.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "counters/executed/fuzz/fuzzer.h"

namespace {

using flopmeter::executed::fuzz::Fuzzer;

struct Options {
  std::uint64_t sequences = 100000;
  std::uint64_t seed = 1;
  std::uint32_t batch = 64;
  std::uint64_t address = 0x200000000000;
  bool arch_prctl = false;
};

// Not for signal handlers, but all is lost anyway.
void on_fault(int signal_number, siginfo_t* info, void* context) {
  const auto address = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  fmt::print("signal {} at {:#x}, address {}, in {}", signal_number, address, info->si_addr,
             Fuzzer::running());
  std::fflush(stdout);
  _exit(1);
}

void report_faults() {
  static char stack[1U << 16];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int one : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) sigaction(one, &action, nullptr);
}

int fuzz(const Options& options) {
  Fuzzer fuzzer(options.address, !options.arch_prctl && flopmeter::executed::has_fsgsbase());
  for (std::uint64_t done = 0; done < options.sequences; done += options.batch) {
    const auto count = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(options.batch, options.sequences - done));
    if (const std::string text = fuzzer.batch(options.seed + done, count); !text.empty()) {
      fmt::print("{}", text);
      return 1;
    }
  }
  fmt::print("{} sequences from seed {}: no difference, {} instructions counted\n",
             options.sequences, options.seed, fuzzer.translator().totals().instructions);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs random instruction sequences as they are and counted"};
  Options options;
  app.add_option("--sequences", options.sequences, "How many")->capture_default_str();
  app.add_option("--seed", options.seed, "Of the first")->capture_default_str();
  app.add_option("--batch", options.batch, "How many between two changes of the code")
      ->check(CLI::Range(1, 128))
      ->capture_default_str();
  app.add_option("--address", options.address, "Where their code is")->capture_default_str();
  app.add_flag("--arch-prctl", options.arch_prctl, "Set gs by system calls");
  CLI11_PARSE(app, argc, argv);
  report_faults();
  return fuzz(options);
}
