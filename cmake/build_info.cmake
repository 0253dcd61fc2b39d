# flopmeter_build_info(<target>): adds the source of results/build_info.h. The commit is looked up in
# each build, not in the configuration; the source is only written when it changes.

function(flopmeter_build_info target)
  set(output "${PROJECT_BINARY_DIR}/generated/results/build_info.cpp")
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} -march=${FLOPMETER_MARCH}")
  if(NOT FLOPMETER_MARCH_RESOLVED STREQUAL FLOPMETER_MARCH)
    string(APPEND flags " (${FLOPMETER_MARCH_RESOLVED})")
  endif()
  string(APPEND flags " -fno-math-errno")
  if(FLOPMETER_SANITIZE)
    string(APPEND flags " -fsanitize=${FLOPMETER_SANITIZE}")
  endif()
  string(STRIP "${flags}" flags)

  add_custom_target(
    ${target}_build_info
    COMMAND
      "${CMAKE_COMMAND}" "-Dgit=${GIT_EXECUTABLE}" "-Dsource_dir=${PROJECT_SOURCE_DIR}"
      "-Dcompiler=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" "-Dflags=${flags}"
      "-Dbuild_type=${CMAKE_BUILD_TYPE}" "-Dversion=${PROJECT_VERSION}" "-Doutput=${output}" -P
      "${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake"
    BYPRODUCTS "${output}"
    COMMENT "Looking up the commit"
    VERBATIM)
  add_dependencies(flopmeter_generated ${target}_build_info)
  target_sources(${target} PRIVATE "${output}")
  add_dependencies(${target} ${target}_build_info)
endfunction()
