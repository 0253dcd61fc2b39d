// Functions in C whose names are those of mangled types, and one in C++: each multiplies.
#include <cstdio>

// NOLINTBEGIN(readability-identifier-naming,readability-identifier-length)
#define FLOPMETER_MULTIPLY(name)                                                      \
  [[gnu::noinline]] double name(double x) {                                           \
    for (int i = 0; i < 1000; ++i) asm volatile("mulsd %1, %0" : "+x"(x) : "x"(1.5)); \
    return x;                                                                         \
  }

extern "C" {
FLOPMETER_MULTIPLY(f)
FLOPMETER_MULTIPLY(v)
FLOPMETER_MULTIPLY(Ss)
FLOPMETER_MULTIPLY(Pf)
FLOPMETER_MULTIPLY(Dn)
}

namespace in_cpp {
FLOPMETER_MULTIPLY(g)
}
// NOLINTEND(readability-identifier-naming,readability-identifier-length)

int main() { std::printf("%d\n", f(1) + v(1) + Ss(1) + Pf(1) + Dn(1) + in_cpp::g(1) > 0); }
