# What is installed beside the targets, and packages of it: ./dev package. The component runtime is the
# program, dev is what other projects build with.
include(CMakePackageConfigHelpers)

set(config_folder lib/cmake/flopmeter)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/flopmeterConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/flopmeterConfig.cmake" INSTALL_DESTINATION ${config_folder})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/flopmeterConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/flopmeterConfig.cmake"
              "${PROJECT_BINARY_DIR}/flopmeterConfigVersion.cmake" DESTINATION ${config_folder}
        COMPONENT dev)
install(
  EXPORT flopmeter_targets
  FILE flopmeterTargets.cmake
  NAMESPACE flopmeter::
  DESTINATION ${config_folder}
  COMPONENT dev)

# An outsider builds against what is installed, and counts. Not with a sanitizer, of which it would have
# to know.
if(Python3_FOUND AND NOT FLOPMETER_SANITIZE)
  add_test(
    NAME install/outsider
    COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/examples/outsider/build_test.py"
            "${CMAKE_COMMAND}" "${PROJECT_BINARY_DIR}" "${CMAKE_GENERATOR}" "${CMAKE_CXX_COMPILER}")
  set_tests_properties(install/outsider PROPERTIES TIMEOUT 600 LABELS install)
endif()

# Debian wants a copyright and a changelog in each package, and compressed pages.
file(STRINGS "${PROJECT_SOURCE_DIR}/results/report/d3_license.txt" d3_license)
list(TRANSFORM d3_license PREPEND " ")
list(TRANSFORM d3_license REPLACE "^ $" " .")
list(JOIN d3_license "\n" d3_license)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(file IN ITEMS copyright changelog)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/debian/${file}.in"
                 "${PROJECT_BINARY_DIR}/debian/${file}" @ONLY)
endforeach()
find_program(GZIP_EXECUTABLE gzip)
mark_as_advanced(GZIP_EXECUTABLE)
function(install_documents package component)
  install(FILES "${PROJECT_BINARY_DIR}/debian/copyright" DESTINATION share/doc/${package}
          COMPONENT ${component})
  if(GZIP_EXECUTABLE)
    execute_process(COMMAND "${GZIP_EXECUTABLE}" -9nc "${PROJECT_BINARY_DIR}/debian/changelog"
                    OUTPUT_FILE "${PROJECT_BINARY_DIR}/debian/changelog.gz")
    install(FILES "${PROJECT_BINARY_DIR}/debian/changelog.gz" DESTINATION share/doc/${package}
            COMPONENT ${component})
  endif()
endfunction()
install_documents(flopmeter runtime)
install_documents(libflopmeter-dev dev)
if(GZIP_EXECUTABLE)
  install(
    CODE "file(GLOB pages \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/man/man1/flopmeter*.1\")
execute_process(COMMAND \"${GZIP_EXECUTABLE}\" -9nf \${pages} COMMAND_ERROR_IS_FATAL ANY)"
    COMPONENT runtime)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME flopmeter)
set(CPACK_PACKAGE_CONTACT "The flopmeter authors <flopmeter@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "meter for neural-network arithmetic on CPUs")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME flopmeter)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "Counts operations by formula, by algorithm and by executed instruction, times
layers, and holds each against the others.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libflopmeter-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libfmt-dev, libzydis-dev")
# Opened at run time, where no tool sees it.
get_property(delayed_packages GLOBAL PROPERTY FLOPMETER_DELAYED_PACKAGES)
list(PREPEND delayed_packages libpfm4)
list(JOIN delayed_packages ", " CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "libpfm4")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "Headers and library with which other projects count operations: a counting
scalar, a counter of executed instructions, and marks for regions.")
include(CPack)
