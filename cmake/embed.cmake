# flopmeter_embed(<target> <name> <file>)
#
# Makes the text of a file available to a target:
#
# std::string_view flopmeter::embedded::<name>(); // #include "embedded/<name>.h"
#
# Through the assembler, which copies what a compiler would have to parse.

# Everything that is generated in a build and needs to exist before sources are read; built by ./dev lint.
add_custom_target(flopmeter_generated)

function(flopmeter_embed target name file)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  set(base "${PROJECT_BINARY_DIR}/generated/embedded/${name}")
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE shown)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embed.h.in" "${base}.h" @ONLY)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embed.S.in" "${base}.S" @ONLY)
  set_source_files_properties("${base}.S" PROPERTIES OBJECT_DEPENDS "${file}")
  target_sources(${target} PRIVATE "${base}.S")
endfunction()
