# flopmeter_embed(<target> <name> <file>)
#
# Makes the text of a file available to a target:
#
# std::string_view flopmeter::embedded::<name>(); // #include "embedded/<name>.h"

# Everything that a generated header needs to exist before sources are read; built by ./dev lint.
add_custom_target(flopmeter_generated)

function(flopmeter_embed target name file)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  set(base "${PROJECT_BINARY_DIR}/generated/embedded/${name}")
  set(script "${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake")
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE shown)
  add_custom_command(
    OUTPUT "${base}.h" "${base}.cpp"
    COMMAND "${CMAKE_COMMAND}" -DNAME=${name} -DFILE=${file} -DSHOWN=${shown} -DBASE=${base} -P
            "${script}"
    DEPENDS "${file}" "${script}"
    COMMENT "Embedding ${shown}"
    VERBATIM)
  target_sources(${target} PRIVATE "${base}.cpp" "${base}.h")
  # clang calls strings beyond 65536 bytes an extension.
  set_source_files_properties("${base}.cpp" PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  add_custom_target(${target}_embed_${name} DEPENDS "${base}.h")
  add_dependencies(${target} ${target}_embed_${name})
  add_dependencies(flopmeter_generated ${target}_embed_${name})
endfunction()
