// Where which file is mapped, as /proc/self/maps has it, for who reads the record afterwards.
#pragma once

#include "counters/executed/shared_process.h"
#include "counters/executed/translator/changeable.h"

namespace flopmeter::executed {

/// All mappings that can be executed, and what may change of them by itself.
void note_all_maps(SharedProcess& record, Changeable& changeable);

}  // namespace flopmeter::executed
