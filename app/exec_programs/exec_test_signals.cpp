// Says "ready", and after the first signal how many came of which number.
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace {

volatile std::sig_atomic_t latest = 0;
volatile std::sig_atomic_t times = 0;

void note(int signal) {
  latest = signal;
  times = times + 1;
}

}  // namespace

int main() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, note);
  std::puts("ready");
  std::fflush(stdout);
  constexpr int tenths = 100;
  for (int i = 0; i < tenths && times == 0; ++i) usleep(100'000);
  usleep(300'000);
  std::printf("signal %d, %d times\n", static_cast<int>(latest), static_cast<int>(times));
  return 3;
}
