# flopmeter_delayed(<target> <library> <regex>)
#
# The target stands for an imported shared library that few commands need: headers are those of the library, but
# it is opened when one of its functions is first called, not when the program starts. Loading oneDNN alone takes as
# long as most commands do. Each function of the library whose symbol matches the regular expression is
# a few instructions here that find it and go there (delayed/stub.inc); one that does not match, or a
# variable, is missing when the program is linked.

set(flopmeter_delayed_folder "${CMAKE_CURRENT_LIST_DIR}/delayed")
add_library(flopmeter_find_delayed STATIC "${flopmeter_delayed_folder}/find.cpp")
target_link_libraries(flopmeter_find_delayed PRIVATE flopmeter::plain_flags fmt::fmt
                                                     ${CMAKE_DL_LIBS})

# Packages depend on that of each library: no tool sees that it is needed (cmake/package.cmake).
function(flopmeter_note_package file)
  file(REAL_PATH "${file}" file)
  find_program(DPKG_QUERY_EXECUTABLE dpkg-query)
  mark_as_advanced(DPKG_QUERY_EXECUTABLE)
  if(DPKG_QUERY_EXECUTABLE)
    execute_process(COMMAND "${DPKG_QUERY_EXECUTABLE}" --search "${file}" OUTPUT_VARIABLE owner
                    ERROR_QUIET)
    if(owner MATCHES "^([^:,]+)")
      set_property(GLOBAL APPEND PROPERTY FLOPMETER_DELAYED_PACKAGES "${CMAKE_MATCH_1}")
    endif()
  endif()
endfunction()

function(flopmeter_delayed target library regex)
  # Sanitizers look at the types of classes, which are variables of the library.
  if(FLOPMETER_SANITIZE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${library})
    return()
  endif()
  set(stubs "${PROJECT_BINARY_DIR}/generated/delayed/${target}.S")
  add_custom_command(
    OUTPUT "${stubs}"
    COMMAND
      "${CMAKE_COMMAND}" -D "NM=${CMAKE_NM}" -D "READELF=${CMAKE_READELF}" -D
      "LIBRARY=$<TARGET_FILE:${library}>" -D "REGEX=${regex}" -D "OUTPUT=${stubs}" -P
      "${flopmeter_delayed_folder}/write_stubs.cmake"
    DEPENDS "$<TARGET_FILE:${library}>" "${flopmeter_delayed_folder}/write_stubs.cmake"
    VERBATIM)
  set_source_files_properties("${stubs}" PROPERTIES OBJECT_DEPENDS
                                                    "${flopmeter_delayed_folder}/stub.inc")
  add_library(${target} STATIC "${stubs}")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_include_directories(${target} SYSTEM
                             INTERFACE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(${target}
                             INTERFACE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
  target_link_libraries(${target} PUBLIC flopmeter_find_delayed)
  # It is opened by its soname: one that does not lie where the system's do, as when built from source, is looked
  # for where it was found, before another one of that name.
  get_target_property(file ${library} LOCATION)
  cmake_path(GET file PARENT_PATH folder)
  if(NOT folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
    target_link_options(${target} INTERFACE "LINKER:-rpath,${folder}")
  endif()
  flopmeter_note_package("${file}")
endfunction()
