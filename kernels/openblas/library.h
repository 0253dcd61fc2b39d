// OpenBLAS as it is found when the first product asks for it: nothing is linked, so that a program
// that multiplies by other means neither needs the library nor starts its pool of threads.
#pragma once

#include <string>
#include <variant>

namespace flopmeter::openblas {

/// The integers of its interface; libraries whose integers are longer have another name.
using Int = int;

enum class Order : int { row_major = 101 };
enum class Transpose : int { no = 111, yes = 112 };

/// Functions of the library, by the prototypes of its cblas.h.
struct Library {
  void (*sgemm)(Order, Transpose a, Transpose b, Int m, Int n, Int k, float alpha,
                const float* a_data, Int lda, const float* b_data, Int ldb, float beta, float* c,
                Int ldc);
  void (*saxpy)(Int n, float alpha, const float* x, Int incx, float* y, Int incy);
  void (*set_num_threads)(int threads);
  /// 0 where it has no threads.
  int (*get_parallel)();
  char* (*get_corename)();
};

/// The one of this process, or why there is none.
const std::variant<Library, std::string>& library();

}  // namespace flopmeter::openblas
