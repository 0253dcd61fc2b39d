// What a translator has counted, by function.
#pragma once

#include <vector>

#include "counters/executed/counter.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {

/// The most floating-point and dot-product lanes first, then the most instructions. Code whose
/// translation had to be thrown away for lack of room is missing.
std::vector<HotSpot> hot_spots(const Translator& translator);

}  // namespace flopmeter::executed
