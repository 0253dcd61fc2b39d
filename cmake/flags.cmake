# flopmeter_flags: the one place where compiler flags are set. No -ffast-math: it would let the compiler
# reorder the sums whose operations are counted.

# flopmeter_plain_flags: the same without sanitizers.
add_library(flopmeter_plain_flags INTERFACE)
add_library(flopmeter::plain_flags ALIAS flopmeter_plain_flags)
add_library(flopmeter_flags INTERFACE)
add_library(flopmeter::flags ALIAS flopmeter_flags)
target_link_libraries(flopmeter_flags INTERFACE flopmeter_plain_flags)

target_compile_features(flopmeter_plain_flags INTERFACE cxx_std_20)
target_include_directories(flopmeter_plain_flags INTERFACE "${PROJECT_SOURCE_DIR}"
                                                           "${PROJECT_BINARY_DIR}/generated")
target_compile_definitions(flopmeter_plain_flags INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_compile_options(
  flopmeter_plain_flags
  INTERFACE
    -march=${FLOPMETER_MARCH}
    -fno-math-errno
    -fsized-deallocation # clang 14 has it off
    -Wall
    -Wextra
    # Of merged sources, one's functions stand in the scope of the other's constants.
    $<IF:$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>,-Wshadow=local,-Wshadow>
    -Wnon-virtual-dtor
    -Woverloaded-virtual
    -Wcast-align
    -Wcast-qual
    -Wextra-semi
    -Wformat=2
    -Wvla
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
    $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
    # GCC 12 warns of its own AVX-512 intrinsics, wherever Eigen uses them, and of its own
    # std::string operator+ (GCC bugs 105593 and 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    # In a unity build, it takes each source for a header.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
    $<$<BOOL:${FLOPMETER_WERROR}>:-Werror>)

if(FLOPMETER_SANITIZE)
  target_compile_options(
    flopmeter_flags INTERFACE -fsanitize=${FLOPMETER_SANITIZE} -fno-sanitize-recover=all
                              -fno-omit-frame-pointer)
  target_link_options(flopmeter_flags INTERFACE -fsanitize=${FLOPMETER_SANITIZE})
endif()

# What -march=native stands for here, for the record of a run, where the compiler says it.
set(FLOPMETER_MARCH_RESOLVED "${FLOPMETER_MARCH}")
if(FLOPMETER_MARCH STREQUAL "native" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -march=native -Q --help=target
                  OUTPUT_VARIABLE target_help ERROR_QUIET)
  if(target_help MATCHES "-march=[ \t]+([^ \t\n]+)")
    set(FLOPMETER_MARCH_RESOLVED "${CMAKE_MATCH_1}")
  endif()
endif()
