// pthread_exit ends a thread by unwinding all of it.
#include <unwind.h>

#include "counters/executed/translator/translator.h"

// What the unwinder, which runs as a guest, is to do at the frame of executed_enter: land there as
// if the guest had returned. The run is over then, and its caller goes on unwinding.
extern "C" [[gnu::visibility("hidden")]] _Unwind_Reason_Code executed_personality(
    int /*version*/, _Unwind_Action actions, _Unwind_Exception_Class /*language*/,
    _Unwind_Exception* exception, _Unwind_Context* frame) {
  using flopmeter::executed::Context;
  if ((actions & _UA_FORCE_UNWIND) == 0 || executed_arena == 0) return _URC_CONTINUE_UNWIND;
  reinterpret_cast<Context*>(executed_arena)->unwinding = exception;
  _Unwind_SetIP(frame, reinterpret_cast<_Unwind_Ptr>(&executed_returned));
  return _URC_INSTALL_CONTEXT;
}
