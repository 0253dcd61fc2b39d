# Libraries, all from distribution packages; ./dev setup lists them.

find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(fmt REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(simdjson REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(muparser REQUIRED CONFIG)
# Its version file takes a version only for its own major one: 3.4 and 5 both do.
find_package(Eigen3 REQUIRED CONFIG)
if(Eigen3_VERSION VERSION_LESS 3.4)
  message(FATAL_ERROR "Eigen ${Eigen3_VERSION} is too old: flopmeter needs 3.4 or later")
endif()
find_package(benchmark REQUIRED CONFIG)
find_package(xbyak REQUIRED CONFIG)
find_package(zydis REQUIRED CONFIG)
# Headers alone: the library is opened at run time.
find_path(PFM_INCLUDE_DIR perfmon/pfmlib_perf_event.h REQUIRED)
mark_as_advanced(PFM_INCLUDE_DIR)
find_package(RE2 REQUIRED)
find_package(GTest REQUIRED CONFIG)
# The distribution's own Python finds the modules of its packages; another one on the path may not.
if(NOT DEFINED Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python3_EXECUTABLE /usr/bin/python3)
endif()
find_package(Python3 QUIET COMPONENTS Interpreter)
find_package(Git QUIET)
# The chart library of the report, in one file.
find_file(FLOPMETER_D3 d3.min.js PATHS /usr/share/javascript/d3 REQUIRED)

# flopmeter::onednn may be linked in any case; FLOPMETER_HAS_ONEDNN=1 is defined when it holds anything.
add_library(flopmeter_onednn INTERFACE)
add_library(flopmeter::onednn ALIAS flopmeter_onednn)
set(FLOPMETER_HAS_ONEDNN OFF)
if(FLOPMETER_ONEDNN STREQUAL "AUTO")
  find_package(oneDNN 2.6)
elseif(FLOPMETER_ONEDNN)
  find_package(oneDNN 2.6 REQUIRED)
endif()
if(FLOPMETER_ONEDNN AND oneDNN_FOUND)
  set(FLOPMETER_HAS_ONEDNN ON)
  flopmeter_delayed(flopmeter_delayed_onednn DNNL::dnnl "^dnnl_")
  target_link_libraries(flopmeter_onednn INTERFACE flopmeter_delayed_onednn)
  target_compile_definitions(flopmeter_onednn INTERFACE FLOPMETER_HAS_ONEDNN=1)
endif()

# flopmeter::hwloc may be linked in any case; FLOPMETER_HAS_HWLOC=1 is defined when it holds anything.
add_library(flopmeter_hwloc INTERFACE)
add_library(flopmeter::hwloc ALIAS flopmeter_hwloc)
if(FLOPMETER_HWLOC)
  find_package(HWLOC)
endif()
if(FLOPMETER_HWLOC AND HWLOC_FOUND)
  flopmeter_delayed(flopmeter_delayed_hwloc HWLOC::hwloc "^hwloc_")
  target_link_libraries(flopmeter_hwloc INTERFACE flopmeter_delayed_hwloc)
  target_compile_definitions(flopmeter_hwloc INTERFACE FLOPMETER_HAS_HWLOC=1)
endif()

# One command each needs these.
flopmeter_delayed(flopmeter_delayed_muparser muparser::muparser "^_ZNK?2mu")
flopmeter_delayed(flopmeter_delayed_re2 RE2::RE2 "^_ZNK?3re2")
flopmeter_delayed(flopmeter_delayed_simdjson simdjson::simdjson "^_ZNK?8simdjson")
