// A library that starts a thread before main.
#pragma once

inline constexpr int pool_multiplies = 12345;

/// Executes so many mulss.
void multiply_in_pool(int times);
/// Until the thread that was started when the library was loaded has executed pool_multiplies.
void wait_for_pool();
