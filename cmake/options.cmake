# What a person may choose. CMakePresets.json holds the combinations that are tested.

set(FLOPMETER_MARCH "native"
    CACHE STRING "-march of everything: Eigen chooses its instructions at compile time")
set(FLOPMETER_ONEDNN "AUTO" CACHE STRING "oneDNN backend: AUTO (when found), ON (required) or OFF")
set_property(CACHE FLOPMETER_ONEDNN PROPERTY STRINGS AUTO ON OFF)
option(FLOPMETER_HWLOC
       "Caches and cores as hwloc sees them, when it is found; else as sysfs shows them" ON)
set(FLOPMETER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined")
option(FLOPMETER_WERROR "Warnings are errors" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(FLOPMETER_CCACHE ccache DOC "Compiler cache, used when found")
mark_as_advanced(FLOPMETER_CCACHE)
if(FLOPMETER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${FLOPMETER_CCACHE}")
endif()
