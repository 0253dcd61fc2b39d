# flopmeter_library(<folder> [PUBLIC <links>...] [PRIVATE <links>...] [SOURCES <generated>...] [EXCLUDE
# <regex>] [SERIAL])
#
# The library flopmeter_<folder>, alias flopmeter::<folder>, of all *.cpp of the current folder and those
# below it but main.cpp; and the tests <folder>_test of all its *_test.cpp. Paths relative to the folder
# that match EXCLUDE are left out. SERIAL: the tests measure time and run one after another.
include(GoogleTest)

function(flopmeter_library folder)
  cmake_parse_arguments(arg "SERIAL" "EXCLUDE" "PUBLIC;PRIVATE;SOURCES" ${ARGN})
  set(target flopmeter_${folder})

  file(GLOB_RECURSE sources RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS "*.cpp")
  list(FILTER sources EXCLUDE REGEX "(^|/)main\\.cpp$")
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")

  add_library(${target} STATIC ${sources} ${arg_SOURCES})
  add_library(flopmeter::${folder} ALIAS ${target})
  target_link_libraries(${target} PUBLIC flopmeter::flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  flopmeter_merge(${target})

  if(tests)
    add_executable(${folder}_test ${tests})
    target_link_libraries(${folder}_test PRIVATE ${target} ${arg_PRIVATE} GTest::gmock_main)
    flopmeter_merge(${folder}_test)
    gtest_discover_tests(
      ${folder}_test
      TEST_PREFIX "${folder}/"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
      PROPERTIES
      TIMEOUT 900 LABELS ${folder} RUN_SERIAL ${arg_SERIAL})
  endif()
endfunction()
