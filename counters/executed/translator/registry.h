// Tells every translation when one of them sees code change: counters of several threads in one
// process have one each.
#pragma once

#include <cstdint>

namespace flopmeter::executed {

class Translation;

/// A translation is told from when it is enlisted until it is withdrawn. None of these allocates;
/// the last uses no vector register.
void enlist(Translation& translation);
void withdraw(Translation& translation);
void tell_all_of_change(std::uint64_t begin, std::uint64_t end);

}  // namespace flopmeter::executed
