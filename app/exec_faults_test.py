#!/usr/bin/env python3
"""flopmeter exec on programs whose handlers of signals look at, skip and leave what has faulted."""
import os
import re
import shutil
import sys
import tempfile
import unittest

from exec_built import Built

PROGRAM = os.path.abspath(sys.argv.pop(1))

# The first product of a round has been made, the two behind the access are made when it was skipped.
SKIPPED = """
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
static int faults;
static void skip(int number, siginfo_t* information, void* context) {
  faults += number == SIGSEGV && information->si_addr == 0;
  ((ucontext_t*)context)->uc_mcontext.gregs[REG_RIP] += 2;
}
int main(void) {
  struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
  for (int i = 0; i < 1000; i++)
    asm volatile("xor %%eax, %%eax\\n mulsd %%xmm1, %%xmm1\\n mov (%%rax), %%ecx\\n"
                 "mulsd %%xmm1, %%xmm1\\n mulsd %%xmm1, %%xmm1\\n" ::: "rax", "rcx", "xmm1");
  printf("%d\\n", faults);
}
"""

# More places that fault than the counter divides blocks for.
MANY = """
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
static int faults;
static void skip(int number, siginfo_t* information, void* context) {
  (void)number, (void)information;
  faults++;
  ((ucontext_t*)context)->uc_mcontext.gregs[REG_RIP] += 2;
}
int main(void) {
  struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
  asm volatile("xor %%eax, %%eax\\n .rept 1100\\n mulsd %%xmm1, %%xmm1\\n mov (%%rax), %%ecx\\n"
               "mulsd %%xmm1, %%xmm1\\n jmp 1f\\n 1:\\n .endr\\n" ::: "rax", "rcx", "xmm1");
  printf("%d\\n", faults);
}
"""

# The handler lets the access be made: all of the block counts.
MADE_GOOD = """
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
static char* page;
static void allow(int number) {
  (void)number;
  mprotect(page, 4096, PROT_READ);
}
int main(void) {
  signal(SIGSEGV, allow);
  page = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int sum = 0;
  for (int i = 0; i < 1000; i++) {
    int found;
    mprotect(page, 4096, PROT_NONE);
    asm volatile("mulsd %%xmm1, %%xmm1\\n movzbl (%1), %0\\n mulsd %%xmm1, %%xmm1\\n"
                 "xor %%ecx, %%ecx\\n mulsd %%xmm1, %%xmm1\\n"
                 : "=r"(found) : "r"(page) : "rcx", "xmm1");
    sum += found;
  }
  printf("%d\\n", sum);
}
"""

# A division by zero that is left for good, before and behind the place of the block's count.
LEFT = """
#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
static sigjmp_buf back;
static int faults, right;
extern char divides[], divides_late[];
static void leave(int number, siginfo_t* information, void* context) {
  (void)number, (void)context;
  faults++;
  right += information->si_addr == divides || information->si_addr == divides_late;
  siglongjmp(back, 1);
}
int main(void) {
  struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, 0);
  for (volatile int i = 0; i < 1000; i++) {
    double x = 1, zero = 0;
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(FE_DIVBYZERO);
    if (sigsetjmp(back, 1) != 0) continue;
    if (i % 2 == 0)
      asm volatile("mulsd %0, %0\\n .globl divides\\n divides: divsd %1, %0\\n"
                   "addsd %0, %0\\n xor %%ecx, %%ecx\\n addsd %0, %0" : "+x"(x) : "x"(zero) : "rcx");
    else
      asm volatile("xor %%ecx, %%ecx\\n mulsd %0, %0\\n mulsd %0, %0\\n .globl divides_late\\n"
                   "divides_late: divsd %1, %0\\n addsd %0, %0" : "+x"(x) : "x"(zero) : "rcx");
    puts("not here");
  }
  printf("%d %d\\n", faults, right);
}
"""

# Without SA_SIGINFO the kernel tells a handler nothing; what has faulted is to be unwound all the same.
UNWOUND = """
#define _GNU_SOURCE
#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
static jmp_buf back;
static void* frames[32];
static int depth;
static void look(int number) {
  (void)number;
  depth = backtrace(frames, 32);
  longjmp(back, 1);
}
static int __attribute__((noinline)) faulty(volatile int* at) { return *at + 1; }
int main(void) {
  struct sigaction before;
  signal(SIGSEGV, look);
  sigaction(SIGSEGV, 0, &before);
  printf("%d %d\\n", before.sa_handler == look, (before.sa_flags & SA_SIGINFO) != 0);
  if (setjmp(back) == 0) faulty(0);
  int found = 0;
  for (int i = 0; i < depth; i++) found += (char*)frames[i] - (char*)faulty < 16UL;
  printf("%d\\n", found);
}
"""

# Handlers that leave code while it is being translated do not use up what handlers need.
LEAVERS = """
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
static sigjmp_buf back;
static volatile int leaves;
static volatile double y = 1;
static void handle(int number) {
  (void)number;
  if (leaves) siglongjmp(back, 1);
  y = y * 1.5;
}
int main(void) {
  struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
  unsigned char* place = mmap(0, 1 << 22, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  volatile int i = 0, wrong = 0;
  signal(SIGALRM, handle);
  sigsetjmp(back, 1);
  leaves = 1;
  setitimer(ITIMER_REAL, &often, 0);
  while (i < 50000) {
    int now = i;
    unsigned char code[] = {0xb8, 0, 0, 0, 0, 0xc3};
    memcpy(code + 1, &now, sizeof now);
    memcpy(place + now * 64L, code, sizeof code);
    wrong += ((int (*)(void))(place + now * 64L))() != now;
    i = now + 1;
  }
  setitimer(ITIMER_REAL, &never, 0);
  leaves = 0;
  for (int k = 0; k < 1000; k++) raise(SIGALRM);
  printf("%d\\n", wrong);
}
"""

# Aligned accesses alone are what this flag asks for.
ALIGNED = """
#include <stdio.h>
static double __attribute__((noinline)) power(double x, int n) {
  while (n-- > 0) x = x * 1.5;
  return x;
}
int main(int argc, char** argv) {
  (void)argv;
  asm volatile("pushfq\\n orl $0x40000, (%rsp)\\n popfq");
  double x = power(argc, 1000);
  asm volatile("pushfq\\n andl $~0x40000, (%rsp)\\n popfq");
  printf("%g\\n", x);
}
"""


@unittest.skipUnless(shutil.which("gcc"), "no gcc")
class Faults(Built):
    program = PROGRAM

    def test_what_is_made_and_what_is_not(self):
        cases = (("skipped", SKIPPED, 3000), ("made good", MADE_GOOD, 3000), ("left", LEFT, 1500),
                 ("unwound", UNWOUND, 0), ("leavers", LEAVERS, 1000), ("aligned", ALIGNED, 1000))
        with tempfile.TemporaryDirectory() as folder:
            for name, source, flops in cases:
                with self.subTest(name):
                    self.assertEqual(self.flops(self.build(folder, source, "-lm")), flops)

    # Prevents numbers that may be too large from being printed without a word.
    def test_blocks_that_cannot_be_divided_are_said(self):
        with tempfile.TemporaryDirectory() as folder:
            counted = self.counted(self.build(folder, MANY))
        said = re.search("([0-9]+) signals met code of which the counter could not take apart", " ".join(counted["remarks"]))
        self.assertIsNotNone(said)
        self.assertLessEqual(2200, counted["flops_exact"]["active"])
        self.assertLessEqual(counted["flops_exact"]["active"], 2200 + 2 * int(said[1]))


if __name__ == "__main__":
    unittest.main()
