# flopmeter_merge(<target> <most>): with CMAKE_UNITY_BUILD, merges sources of a target, up to that many a
# translation unit. Headers, and what their templates come to, are most of what a small source costs, so
# sources that need the same large ones stand together, and neighbours within these. What is edited, by git's
# word when this is configured, as `./dev build` does each time, is compiled by itself until it is committed,
# and so are the sources beside an edited header; the groups stay as they are.
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

# Each takes a second to parse at the least, and more for what is made of it.
set(FLOPMETER_LARGE_HEADERS
    "<(CLI/CLI|nlohmann/json|Eigen/[A-Za-z]+|oneapi/dnnl/dnnl|xbyak/xbyak)(\\.h|\\.hpp)?>")

# The large headers that a file of the project, by its path from the root, includes in any way.
function(flopmeter_large_headers file result)
  get_property(known GLOBAL PROPERTY "large_headers ${file}" SET)
  if(NOT known)
    # Of files that include one another in a circle.
    set_property(GLOBAL PROPERTY "large_headers ${file}" "")
    set(large "")
    set(lines "")
    foreach(base IN ITEMS "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
      if(EXISTS "${base}/${file}")
        file(STRINGS "${base}/${file}" lines REGEX "^#include ")
        break()
      endif()
    endforeach()
    foreach(line IN LISTS lines)
      if(line MATCHES "${FLOPMETER_LARGE_HEADERS}")
        cmake_path(GET CMAKE_MATCH_1 PARENT_PATH library)
        list(APPEND large "${library}")
      elseif(line MATCHES "\"([^\"]+\\.h)\"")
        flopmeter_large_headers("${CMAKE_MATCH_1}" of_included)
        list(APPEND large ${of_included})
      endif()
    endforeach()
    list(REMOVE_DUPLICATES large)
    list(SORT large)
    set_property(GLOBAL PROPERTY "large_headers ${file}" "${large}")
  endif()
  get_property(large GLOBAL PROPERTY "large_headers ${file}")
  set(${result} "${large}" PARENT_SCOPE)
endfunction()

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
      flopmeter_large_headers("${key}" large)
      list(JOIN large " " large)
      list(APPEND keyed "${large}|${key}|${source}")
    endif()
  endforeach()
  list(SORT keyed)

  set(group 0)
  set(members 0)
  set(last "")
  foreach(entry IN LISTS keyed)
    string(REGEX MATCH "^([^|]*)\\|([^|]*)\\|(.*)$" matched "${entry}")
    set(large "${CMAKE_MATCH_1}")
    set(key "${CMAKE_MATCH_2}")
    set(source "${CMAKE_MATCH_3}")
    if(members EQUAL most OR (members GREATER_EQUAL least AND NOT large STREQUAL last))
      math(EXPR group "${group} + 1")
      set(members 0)
    endif()
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${target}_${group}")
    cmake_path(GET key PARENT_PATH folder)
    if(key IN_LIST FLOPMETER_EDITED OR folder IN_LIST FLOPMETER_EDITED_FOLDERS)
      set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    math(EXPR members "${members} + 1")
    set(last "${large}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()
