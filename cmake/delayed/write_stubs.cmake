# Writes OUTPUT: a stub (stub.inc) for each function of LIBRARY that REGEX matches.

execute_process(COMMAND "${READELF}" -dW "${LIBRARY}" OUTPUT_VARIABLE dynamic
                                                                      COMMAND_ERROR_IS_FATAL ANY)
if(NOT dynamic MATCHES "\\(SONAME\\)[^\n]*\\[([^]\n]+)\\]")
  message(FATAL_ERROR "${LIBRARY} has no soname by which it could be opened")
endif()
set(text "// Generated: the functions of ${LIBRARY}.\n#include \"cmake/delayed/stub.inc\"\n\n")
string(APPEND text "        delayed_library \"${CMAKE_MATCH_1}\"\n")

execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}"
                OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " T [^@\n]+" functions "${symbols}")
list(TRANSFORM functions REPLACE "^ T " "")
list(FILTER functions INCLUDE REGEX "${REGEX}")
list(REMOVE_DUPLICATES functions)
if(NOT functions)
  message(FATAL_ERROR "${LIBRARY} has no function that matches ${REGEX}")
endif()
list(TRANSFORM functions PREPEND "        delayed_function ")
list(JOIN functions "\n" functions)
string(APPEND text "${functions}\n")
string(APPEND text "\n        .section .note.GNU-stack, \"\", %progbits\n")
file(WRITE "${OUTPUT}" "${text}")
