# What this build is, at the end of the configuration.

set(onednn "none")
if(FLOPMETER_HAS_ONEDNN)
  set(onednn "${oneDNN_VERSION}")
endif()
set(hwloc "none")
if(FLOPMETER_HWLOC AND HWLOC_FOUND)
  set(hwloc "${HWLOC_LIBRARY}")
endif()
set(march "${FLOPMETER_MARCH}")
if(NOT FLOPMETER_MARCH_RESOLVED STREQUAL FLOPMETER_MARCH)
  string(APPEND march " (${FLOPMETER_MARCH_RESOLVED})")
endif()
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}" type_flags)
list(JOIN FLOPMETER_LAYERS " " layers)

message(
  STATUS
    "flopmeter ${PROJECT_VERSION}
     compiler    ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}
     build type  ${CMAKE_BUILD_TYPE}: ${type_flags}
     march       ${march}
     sanitizers  ${FLOPMETER_SANITIZE}
     layers      ${layers}
     oneDNN      ${onednn}
     Eigen       ${Eigen3_VERSION}
     benchmark   ${benchmark_VERSION}
     GoogleTest  ${GTest_VERSION}
     fmt         ${fmt_VERSION}
     JSON        ${nlohmann_json_VERSION}
     CLI11       ${CLI11_VERSION}
     muParser    ${muparser_VERSION}
     Xbyak       ${xbyak_VERSION}
     hwloc       ${hwloc}
     OpenMP      ${OpenMP_CXX_VERSION}
     ccache      ${CMAKE_CXX_COMPILER_LAUNCHER}")
