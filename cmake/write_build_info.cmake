# Run as cmake -P with the variables of results/build_info.cpp.in. See build_info.cmake.
cmake_minimum_required(VERSION 3.25)

set(commit "")
if(git AND EXISTS "${source_dir}/.git")
  execute_process(COMMAND "${git}" -C "${source_dir}" describe --always --dirty
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit "unknown")
endif()

configure_file("${source_dir}/results/build_info.cpp.in" "${output}" @ONLY)
