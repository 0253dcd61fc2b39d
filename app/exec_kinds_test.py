#!/usr/bin/env python3
"""flopmeter exec on kinds of programs that are built here: their own result, all of their FLOPs."""
import json
import os
import shutil
import sys
import tempfile
import unittest

from exec_built import Built, run

PROGRAM = os.path.abspath(sys.argv.pop(1))

LARGE_ARRAYS = """
#include <stdio.h>
static volatile double a[125000000], b[125000000];
int main(void) {
  for (long i = 0; i < 1000; i++) b[i * 100000] = 2.0 * (a[i * 100000] + 1.0);
  printf("%g\\n", b[99900000]);
}
"""

# A nested function that is handed on is called through code on the stack.
NESTED = """
#include <stdio.h>
static double __attribute__((noinline)) sum(double (*f)(double)) {
  double s = 0;
  for (int i = 0; i < 1000; i++) s += f(i);
  return s;
}
static double __attribute__((noinline)) linear(double k) {
  double f(double x) { return k * x; }
  return sum(f);
}
static double __attribute__((noinline)) square(double k) {
  double f(double x) { return k * x * x; }
  return sum(f);
}
int main(int argc, char** argv) {
  (void)argv;
  double a = linear(argc), b = square(argc);
  printf("%g %g\\n", a, b);
}
"""

# Short loops, of every number of turns, in memory that is executable and now and then, or always,
# writable: they are written several times, and what was thrown away comes back.
LOOPS = """
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(int argc, char** argv) {
  unsigned char loop[] = {0xf3, 0x0f, 0x59, 0xc0, 0xff, 0xcf, 0x75, 0xf8, 0xc3};
  (void)argv;
  int more = argc > 1 ? PROT_WRITE : 0;
  void* code = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int times = 0;
  for (int turns = 1; turns <= 40; turns++) {
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    loop[3] = turns % 3 ? 0xc0 : 0xc9;  // another register
    memcpy(code, loop, sizeof loop);
    mprotect(code, 4096, PROT_READ | PROT_EXEC | more);
    ((void (*)(int))code)(turns);
    times += turns;
  }
  printf("%d\\n", times);
}
"""

# Signals come while code is being translated, most of the time.
INTERRUPTED = """
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
static volatile double y = 1;
static volatile int handled;
static void handle(int number) {
  handled += number == SIGALRM;
  y = y * 1.5;
}
int main(void) {
  unsigned char code[] = {0xf2, 0x0f, 0x59, 0xc0, 0xb8, 0, 0, 0, 0, 0xc3};  // mulsd, mov eax
  struct sigaction action = {.sa_handler = handle};
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  int wrong = 0;
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &often, 0);
  unsigned char* place = mmap(0, 1 << 20, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 20000; i++) {
    unsigned char* at = place + i * 48;
    memcpy(code + 5, &i, sizeof i);
    memcpy(at, code, sizeof code);
    wrong += ((int (*)(void))at)() != i;
  }
  setitimer(ITIMER_REAL, &never, 0);
  printf("%d wrong\\n", wrong);
  fprintf(stderr, "%d\\n", 20000 + handled);
}
"""

# A long block of sums in registers of 512 bits, one of which is a product, another one each time.
WIDE = r"""
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(void) {
  unsigned char load[] = {0x62, 0xf1, 0x7c, 0x48, 0x10, 0x07,  // vmovups zmm0, [rdi]
                          0x62, 0xf1, 0x7c, 0x48, 0x10, 0x0e, 0xeb, 0};  // zmm1, [rsi]; jmp
  unsigned char sum[] = {0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1};  // vaddps zmm0, zmm0, zmm1
  unsigned char store[] = {0x62, 0xf1, 0x7c, 0x48, 0x11, 0x07, 0xc3};
  unsigned char* code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  float a[16], b[16];
  memcpy(code, load, sizeof load);
  for (int i = 0; i < 40; i++) memcpy(code + sizeof load + i * sizeof sum, sum, sizeof sum);
  memcpy(code + sizeof load + 40 * sizeof sum, store, sizeof store);
  int wrong = 0;
  for (int turn = 0; turn < 400; turn++) {
    for (int i = 0; i < 40; i++)
      code[sizeof load + i * sizeof sum + 4] = i == turn % 41 ? 0x59 : 0x58;
    for (int i = 0; i < 16; i++) a[i] = 0, b[i] = 1;
    ((void (*)(float*, float*))code)(a, b);
    // A product by 1 in the place of one sum.
    for (int i = 0; i < 16; i++) wrong += a[i] != (turn % 41 == 40 ? 40 : 39);
  }
  printf("%d wrong\n", wrong);
}
"""

# Code of a file that was written over in memory alone, until the memory is given back.
TAKEN_BACK = r"""
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(int argc, char** argv) {
  (void)argc;
  unsigned char other[] = {0xb8, 2, 0, 0, 0, 0xc3};  // mov eax, 2; ret
  void* code = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, open(argv[1], O_RDONLY), 0);
  memcpy(code, other, sizeof other);
  mprotect(code, 4096, PROT_READ | PROT_EXEC);
  int before = ((int (*)(void))code)();
  madvise(code, 4096, MADV_DONTNEED);
  printf("%d %d\n", before, ((int (*)(void))code)());
}
"""

# The first code of a neighbourhood of which the nearest places are taken.
FAR = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(void) {
  unsigned char three[] = {0xb8, 3, 0, 0, 0, 0xc3};  // mov eax, 3; ret
  char* place = (char*)0x200000000000;
  mmap(place - (512 << 20), 512 << 20, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  void* code = mmap(place, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                    -1, 0);
  memcpy(code, three, sizeof three);
  mprotect(code, 4096, PROT_READ | PROT_EXEC);
  errno = 0;
  int got = ((int (*)(void))code)();
  printf("%d %d\n", got, errno);
}
"""

# Nothing but to write, to come back from handlers and to end.
RESTRICTED = """
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  volatile double x = 1;
  if (prctl(PR_SET_SECCOMP, 1) != 0) return 1;
  for (int i = 0; i < 1000; i++) x = x * 1.5;
  syscall(SYS_exit, 7);
}
"""

# The same memory at two places, of which one is written and the other run; and what follows a move.
TWICE = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <unistd.h>
enum { bytes = 65536, all = PROT_READ | PROT_WRITE | PROT_EXEC };
static int wrong(unsigned char* written, unsigned char* run) {
  int found = 0;
  for (int i = 0; i < 50; i++) {
    unsigned char code[] = {0xb8, i, 0, 0, 0, 0xc3};
    memcpy(written, code, sizeof code);
    found += ((int (*)(void))run)() != i;
  }
  return found;
}
int main(int argc, char** argv) {
  (void)argc;
  unsigned char *a = 0, *b = 0;
  switch (argv[1][0]) {
    case 'f': {  // of a file without a name, seen once more by mremap
      int file = memfd_create("code", 0);
      if (ftruncate(file, bytes) != 0) return 1;
      a = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      b = mremap(a, 0, bytes, MREMAP_MAYMOVE);
      mprotect(b, bytes, PROT_READ | PROT_EXEC);
      break;
    }
    case 'a':
      a = mmap(0, bytes, all, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      b = mremap(a, 0, bytes, MREMAP_MAYMOVE);
      break;
    case 'm':  // what is moved away from may be written again
      a = b = mmap(0, bytes, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      wrong(a, b);
      if (mremap(a, bytes, bytes, MREMAP_MAYMOVE | 4, 0) == MAP_FAILED) puts("none");
      break;
    case 's': {
      int segment = shmget(IPC_PRIVATE, bytes, 0700 | IPC_CREAT);
      a = shmat(segment, 0, 0);
      b = shmat(segment, 0, SHM_RDONLY);
      shmctl(segment, IPC_RMID, 0);
      if (mprotect(b, bytes, PROT_READ | PROT_EXEC) != 0) return 2;
      break;
    }
    case 'p':  // all that can be read can be run
      personality(READ_IMPLIES_EXEC);
      a = b = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      break;
    case 'n': {  // of a file with a name, mapped by a descriptor that cannot write
      char name[] = "/tmp/flopmeter_code_XXXXXX";
      int file = mkstemp(name), read_only = open(name, O_RDONLY);
      if (ftruncate(file, bytes) != 0) return 1;
      b = mmap(0, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, read_only, 0);
      a = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      unlink(name);
      break;
    }
  }
  printf("%d\\n", wrong(a, b));
}
"""

# Children that have this memory until they run a program, in an environment of their own or none.
CHILDREN = """
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile double x = 1;
static void handle(int number) { x = x * number; }
int main(int argc, char** argv) {
  char *again[] = {argv[0], "again", 0}, *own[] = {"A=b", 0}, *none[] = {0};
  char preload[] = "LD_PRELOAD=libm.so.6", *other[64] = {preload};
  pid_t child;
  for (int i = 0; i < 100; i++) x = x * 1.0001;
  if (argc > 1) return 0;
  for (char **from = environ, **to = other + 1; *from != 0 && to < other + 62; from++)
    if (strncmp(*from, "LD_PRELOAD=", 11) != 0) *to++ = *from;
  signal(SIGUSR1, handle);
  if (posix_spawn(&child, argv[0], 0, 0, again, own) != 0) return 1;
  waitpid(child, 0, 0);
  for (int i = 0; i < 3; i++) {
    if (vfork() == 0) {
      for (int k = 0; k < 10; k++) x = x * 1.0001;
      signal(SIGUSR1, SIG_IGN);
      execve("/nowhere", again, own);
      execve(argv[0], again, i == 0 ? own : i == 1 ? none : other);
      _exit(1);
    }
    wait(0);
  }
  if (vfork() == 0) {
    x = x * 1.0001;
    _exit(0);
  }
  wait(0);
  raise(SIGUSR1);
  printf("%g\\n", x);
}
"""

PRODUCT = """
#include <stdio.h>
#include <stdlib.h>
void cblas_dgemm(int, int, int, int, int, int, double, const double*, int, const double*, int,
                 double, double*, int);
int main(void) {
  enum { n = 256 };
  double *a = malloc(8 * n * n), *b = malloc(8 * n * n), *c = calloc(n * n, 8);
  for (int i = 0; i < n * n; i++) a[i] = 1, b[i] = 2;
  cblas_dgemm(101, 111, 111, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
  printf("%g\\n", c[5]);
}
"""


@unittest.skipUnless(shutil.which("gcc"), "no gcc")
class Kinds(Built):
    program = PROGRAM

    def test_two_gigabytes_of_arrays_without_pie(self):
        with tempfile.TemporaryDirectory() as folder:
            for options in (("-no-pie", "-fno-pie"), ("-fpie", "-pie", "-mcmodel=medium")):
                with self.subTest(options):
                    program = self.build(folder, LARGE_ARRAYS, *options)
                    self.assertEqual(self.flops(program), 2000)
                    self.assertEqual(self.flops("setarch", "-R", program), 2000)

    def test_nested_functions(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.flops(self.build(folder, NESTED)), 5000)

    def test_short_loops_in_code_that_is_written_anew(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, LOOPS)
            self.assertEqual(self.flops(program), 820)
            self.assertEqual(self.flops(program, "always"), 820)

    def test_children_until_they_run_a_program(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, CHILDREN)
            # The program five times, three short loops, one product and a handler.
            self.assertEqual(self.flops(program, options=("--children",)), 5 * 100 + 3 * 10 + 2)

    def test_code_that_is_written_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, TWICE)
            for way in ("file", "anonymous", "moved", "segment", "personality", "named"):
                with self.subTest(way):
                    self.assertEqual(self.flops(program, way), 0)
            self.assertEqual(run(program, "file").stdout, b"0\n")

    def test_wide_code_that_is_written_anew(self):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            if "avx512f" not in file.read():
                self.skipTest("no registers of 512 bits")
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, WIDE)
            self.assertEqual(self.flops(program), 400 * 40 * 16)
            self.assertEqual(run(program).stdout, b"0 wrong\n")

    def test_errno_is_the_programs_own(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, FAR)
            self.assertEqual(run(program).stdout, b"3 0\n")
            self.assertEqual(self.flops(program), 0)

    def test_code_that_is_taken_back(self):
        with tempfile.TemporaryDirectory() as folder:
            code = os.path.join(folder, "code")
            with open(code, "wb") as file:
                file.write(bytes([0xb8, 1, 0, 0, 0, 0xc3]).ljust(4096, b"\0"))
            self.assertEqual(self.flops(self.build(folder, TAKEN_BACK), code), 0)

    def test_signals_while_code_is_translated(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, INTERRUPTED)
            counts = os.path.join(folder, "counts.json")
            done = run(PROGRAM, "exec", "--json", "-o", counts, "--", program)
            self.assertEqual((done.stdout, done.returncode), (b"0 wrong\n", 0), done)
            with open(counts, encoding="utf-8") as file:
                found = json.load(file)
            self.assertGreater(int(done.stderr), 20010)
            self.assertEqual(found["flops_exact"]["active"], int(done.stderr))

    def test_a_program_that_forbids_itself_system_calls(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, RESTRICTED)
            if run(program).returncode != 7:
                self.skipTest("no seccomp")
            counts = os.path.join(folder, "counts.json")
            done = run(PROGRAM, "exec", "--json", "-o", counts, "--", program)
            with open(counts, encoding="utf-8") as file:
                remarks = json.load(file)["remarks"]
            if done.returncode != 7:
                self.assertTrue(any("seccomp" in remark for remark in remarks), remarks)

    def test_another_c_library(self):
        with tempfile.TemporaryDirectory() as folder:
            library = os.path.join(folder, "libother.so")
            built = run("gcc", "-shared", "-xc", "-", "-o", library, "-Wl,-soname,libc.so",
                        input=b"void other(void) {}")
            self.assertEqual(built.returncode, 0, built)
            program = self.build(folder, "int main(void) { return 0; }", "-Wl,--no-as-needed",
                                 f"-L{folder}", "-lother")
            done = run(PROGRAM, "exec", "--", program)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(b"musl", done.stderr)

    def test_a_blas_that_makes_its_threads_before_main(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.build(folder, PRODUCT, "-lopenblas")
            found = {threads: self.flops(program, environment={"OPENBLAS_NUM_THREADS": threads})
                     for threads in ("1", "2", "4", "16")}
            # The product is scaled and added: an order of n less than 2 n^3.
            self.assertTrue(2 * 256**3 <= found["1"] <= 2 * 256**3 + 16 * 256**2, found)
            self.assertEqual(len(set(found.values())), 1, found)


if __name__ == "__main__":
    unittest.main()
