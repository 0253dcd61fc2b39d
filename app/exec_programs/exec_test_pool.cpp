#include "app/exec_programs/exec_test_pool.h"

#include <pthread.h>

namespace {

pthread_t pool;

[[gnu::constructor]] void start() {
  pthread_create(
      &pool, nullptr,
      [](void*) -> void* {
        multiply_in_pool(pool_multiplies);
        return nullptr;
      },
      nullptr);
}

}  // namespace

void multiply_in_pool(int times) {
  float x = 1.F;
  for (int i = 0; i < times; ++i) asm volatile("mulss %1, %0" : "+x"(x) : "x"(1.5F));
}

void wait_for_pool() { pthread_join(pool, nullptr); }
