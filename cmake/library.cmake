# flopmeter_library(<folder> [PUBLIC <links>...] [PRIVATE <links>...] [SOURCES <generated>...] [EXCLUDE
# <regex>] [SERIAL] [PLAIN [BUT <regex>]] [TOGETHER <suites>...])
#
# The library flopmeter_<folder>, alias flopmeter::<folder>, of all *.cpp of the current folder and those
# below it but main.cpp; and the tests <folder>_test of all its *_test.cpp. Paths relative to the folder
# that match EXCLUDE are left out. SERIAL: the tests measure time and run one after another. PLAIN: nothing
# of the library itself is timed or counted, or else only what matches BUT, so that it, as all tests but those
# of instructions, is compiled with less optimization, in two thirds of the time. TOGETHER: suites of many tests that take less time than
# a process takes to start; a suite is one test of ctest.
include(GoogleTest)

function(flopmeter_library folder)
  cmake_parse_arguments(arg "SERIAL;PLAIN" "EXCLUDE;BUT" "PUBLIC;PRIVATE;SOURCES;TOGETHER" ${ARGN})
  set(target flopmeter_${folder})

  file(GLOB_RECURSE sources RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS "*.cpp")
  list(FILTER sources EXCLUDE REGEX "(^|/)main\\.cpp$")
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")

  # An edit of one layer has to be compiled in seconds.
  set(merged 16)
  if(folder STREQUAL kernels)
    set(merged 8)
  endif()
  if(arg_BUT)
    set(timed ${sources})
    list(FILTER timed INCLUDE REGEX "${arg_BUT}")
    list(REMOVE_ITEM sources ${timed})
    add_library(${target}_timed OBJECT ${timed})
    target_link_libraries(${target}_timed PRIVATE flopmeter::flags ${arg_PUBLIC} ${arg_PRIVATE})
    flopmeter_merge(${target}_timed ${merged})
    list(APPEND arg_SOURCES $<TARGET_OBJECTS:${target}_timed>)
  endif()

  add_library(${target} STATIC ${sources} ${arg_SOURCES})
  add_library(flopmeter::${folder} ALIAS ${target})
  # Who uses an installed library chooses flags of his own.
  target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:flopmeter::flags> ${arg_PUBLIC}
                        PRIVATE ${arg_PRIVATE})
  flopmeter_merge(${target} ${merged})
  set(plain $<$<CONFIG:Release>:-O1>)
  if(arg_PLAIN)
    target_compile_options(${target} PRIVATE ${plain})
  endif()

  if(tests)
    add_executable(${folder}_test ${tests})
    target_link_libraries(${folder}_test PRIVATE ${target} ${arg_PRIVATE} GTest::gmock_main)
    flopmeter_merge(${folder}_test 16)
    if(NOT folder MATCHES "^(counters|kernels|bench)$")
      target_compile_options(${folder}_test PRIVATE ${plain})
    endif()
    # Tests run beside one another, each with a team of threads: waiting in a loop takes the CPU from those
    # that have work, five times what they need. Not where time is measured.
    set(environment ENVIRONMENT OMP_WAIT_POLICY=passive)
    if(arg_SERIAL)
      set(environment)
    endif()
    set(properties
        TIMEOUT
        900
        LABELS
        ${folder}
        RUN_SERIAL
        ${arg_SERIAL}
        ${environment})
    set(elsewhere "")
    if(arg_TOGETHER)
      list(TRANSFORM arg_TOGETHER REPLACE "(.+)" "*\\1.*" OUTPUT_VARIABLE patterns)
      list(JOIN patterns ":" patterns)
      set(elsewhere TEST_FILTER "-${patterns}")
    endif()
    gtest_discover_tests(
      ${folder}_test ${elsewhere}
      TEST_PREFIX "${folder}/"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
      PROPERTIES ${properties})
    foreach(suite IN LISTS arg_TOGETHER)
      add_test(NAME "${folder}/${suite}" COMMAND ${folder}_test "--gtest_filter=*${suite}.*"
                                                 --gtest_brief=1
               WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
      # A suite of another name would pass with no test in it.
      set_tests_properties("${folder}/${suite}" PROPERTIES ${properties} FAIL_REGULAR_EXPRESSION
                                                           "[[]=+[]] 0 tests")
    endforeach()
  endif()
endfunction()
