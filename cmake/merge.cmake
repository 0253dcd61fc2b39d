# flopmeter_merge(<target> <most>): with CMAKE_UNITY_BUILD, merges neighbouring sources of a target, up to
# that many a translation unit, and of one folder where it has half as many. Headers are most of what a small
# source costs: merged, everything compiles in half the time. What is edited, by git's word when this is
# configured, as `./dev build` does each time, is compiled by itself until it is committed, and so are the
# sources beside an edited header; the groups stay as they are.
execute_process(
  COMMAND git ls-files --modified --others --exclude-standard
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  OUTPUT_VARIABLE FLOPMETER_EDITED
  ERROR_QUIET)
string(REPLACE "\n" ";" FLOPMETER_EDITED "${FLOPMETER_EDITED}")
set(FLOPMETER_EDITED_FOLDERS "")
foreach(file IN LISTS FLOPMETER_EDITED)
  if(file MATCHES "\\.h$")
    cmake_path(GET file PARENT_PATH folder)
    list(APPEND FLOPMETER_EDITED_FOLDERS "${folder}")
  endif()
endforeach()

function(flopmeter_merge target most)
  math(EXPR least "${most} / 2")
  get_target_property(sources ${target} SOURCES)
  # Generated sources of a folder stand with its own.
  set(keyed "")
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE
               key)
    foreach(base IN ITEMS "${PROJECT_BINARY_DIR}/generated" "${PROJECT_SOURCE_DIR}")
      string(REPLACE "${base}/" "" key "${key}")
    endforeach()
    if(key MATCHES "\\.cpp$")
      list(APPEND keyed "${key}|${source}")
    endif()
  endforeach()
  list(SORT keyed)

  set(group 0)
  set(members 0)
  set(last_folder "")
  foreach(entry IN LISTS keyed)
    string(REGEX REPLACE "\\|.*" "" key "${entry}")
    string(REGEX REPLACE ".*\\|" "" source "${entry}")
    cmake_path(GET key PARENT_PATH folder)
    if(members EQUAL most OR (members GREATER_EQUAL least AND NOT folder STREQUAL last_folder))
      math(EXPR group "${group} + 1")
      set(members 0)
    endif()
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${target}_${group}")
    if(key IN_LIST FLOPMETER_EDITED OR folder IN_LIST FLOPMETER_EDITED_FOLDERS)
      set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    math(EXPR members "${members} + 1")
    set(last_folder "${folder}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()
