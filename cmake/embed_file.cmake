# Run as cmake -DNAME= -DFILE= -DSHOWN= -DBASE= -P: writes BASE.h and BASE.cpp. See embed.cmake.
cmake_minimum_required(VERSION 3.25)

# Compilers need to take no more than 65536 bytes in a literal, and some take 16 kB in one piece.
set(piece_bytes 15000)

file(READ "${FILE}" rest)
set(literal "")
while(NOT rest STREQUAL "")
  string(SUBSTRING "${rest}" 0 ${piece_bytes} piece)
  string(LENGTH "${rest}" rest_bytes)
  set(taken ${piece_bytes})
  if(rest_bytes GREATER piece_bytes)
    # Cut behind a line end, so that no multi-byte character is cut; in one long line behind a ";".
    string(FIND "${piece}" "\n" line_end REVERSE)
    if(line_end LESS 0)
      string(FIND "${piece}" ";" line_end REVERSE)
    endif()
    if(line_end GREATER_EQUAL 0)
      math(EXPR taken "${line_end} + 1")
      string(SUBSTRING "${rest}" 0 ${taken} piece)
    endif()
    string(SUBSTRING "${rest}" ${taken} -1 rest)
  else()
    set(rest "")
  endif()
  string(APPEND literal "R\"~text~(${piece})~text~\"\n")
endwhile()
if(literal STREQUAL "")
  set(literal "\"\"\n")
endif()

file(
  WRITE "${BASE}.h"
  "// Generated from ${SHOWN}.
#pragma once

#include <string_view>

namespace flopmeter::embedded {

std::string_view ${NAME}();

}  // namespace flopmeter::embedded
")
file(
  WRITE "${BASE}.cpp"
  "// Generated from ${SHOWN}.
#include \"embedded/${NAME}.h\"

namespace flopmeter::embedded {

std::string_view ${NAME}() {
  static constexpr std::string_view text =
${literal};
  return text;
}

}  // namespace flopmeter::embedded
")
