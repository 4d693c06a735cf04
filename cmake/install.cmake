# What is installed: the library and header, a CMake package, and a relocatable pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/octofetch)

install(TARGETS octofetch EXPORT octofetch-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development)
install(FILES ${PROJECT_SOURCE_DIR}/include/octofetch.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT octofetch-targets NAMESPACE octofetch:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/octofetch-config.cmake.in
  ${PROJECT_BINARY_DIR}/octofetch-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/octofetch-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/octofetch-config.cmake ${PROJECT_BINARY_DIR}/octofetch-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)

# The prefix is found from where the file lies, so that an installed tree can be moved.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/octofetch.pc.in ${PROJECT_BINARY_DIR}/octofetch.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/octofetch.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
