// How a product is counted: stored, or as a term of a sum.
#pragma once

#include "counters/counted.h"

namespace flopmeter {

/// A product that is stored: no MAC.
template <class T>
T times(T a, T b) {
  return a * b;
}

/// Adds a product to a sum, or starts the sum with it: a MAC either way.
template <class T, class Product>
void add_product(T& sum, bool starts, const Product& product) {
  if (starts) {
    sum = start_sum(product);
  } else {
    sum += product;
  }
}

}  // namespace flopmeter
