/* Marks for `flopmeter exec`: what a named part of a program executes.
 *
 *   flopmeter_region_begin("forward");
 *   ...
 *   flopmeter_region_end("forward");
 *
 * Nothing is to be linked, and where the program is not counted a mark is a load and a branch.
 * Regions may nest, overlap, and be entered by many threads and again; a name is one row, summed
 * over all of them. A region counts what its thread executes, and what threads execute that
 * have made no mark themselves (those of OpenMP, of a BLAS), as long as no other thread has a region
 * open. Names are compared by their first 119 bytes. In C and C++, GCC and clang. docs/exec.md tells more.
 */
#ifndef FLOPMETER_REGION_H
#define FLOPMETER_REGION_H

/* In the preloaded library; their addresses are 0 without it. */
#define FLOPMETER_REGION_BEGIN "flopmeter_counted_region_begin"
#define FLOPMETER_REGION_END "flopmeter_counted_region_end"

typedef void (*flopmeter_region_mark)(const char* name);

#if defined(__x86_64__) && defined(__linux__)
/* Through the global offset table in programs without PIE as well: a linker would otherwise settle
 * at once that a weak function is not there. */
#define FLOPMETER_REGION_CALL(function, name)                                            \
  do {                                                                                   \
    flopmeter_region_mark mark;                                                          \
    __asm__(".weak " function "\n\tmovq " function "@GOTPCREL(%%rip), %0" : "=r"(mark)); \
    if (mark != 0) mark(name);                                                           \
  } while (0)
#else
#define FLOPMETER_REGION_CALL(function, name) ((void)(name))
#endif

static inline void flopmeter_region_begin(const char* name) {
  FLOPMETER_REGION_CALL(FLOPMETER_REGION_BEGIN, name);
}

static inline void flopmeter_region_end(const char* name) {
  FLOPMETER_REGION_CALL(FLOPMETER_REGION_END, name);
}

#undef FLOPMETER_REGION_CALL

#ifdef __cplusplus
namespace flopmeter {

/** From here to the end of the block. */
class Region {
 public:
  explicit Region(const char* name) : name_(name) { flopmeter_region_begin(name); }
  ~Region() { flopmeter_region_end(name_); }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

 private:
  const char* name_;
};

}  // namespace flopmeter
#endif

#endif
