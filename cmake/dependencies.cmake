# The libraries that stand behind the C ABI, as one target, octofetch_dependencies: the system's, or static ones of pinned
# versions. Whatever contains the library's objects links it: the library itself, a binding's extension, a test of what is
# inside. OCTO_LINK=bundled makes a result that needs libc alone, for wheels and for the Node addon.
set(OCTO_LINK system CACHE STRING "Where libcurl, libuv and OpenSSL come from: system (shared), or bundled (built in)")
set_property(CACHE OCTO_LINK PROPERTY STRINGS system bundled)

find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

add_library(octofetch_dependencies INTERFACE)
if(OCTO_LINK STREQUAL "bundled")
  include(cmake/bundled_dependencies.cmake)
elseif(OCTO_LINK STREQUAL "system")
  find_package(PkgConfig REQUIRED)
  find_package(OpenSSL 3.0 REQUIRED)
  pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
  pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv>=1.44)
  target_link_libraries(octofetch_dependencies INTERFACE
    PkgConfig::CURL PkgConfig::UV OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
else()
  message(FATAL_ERROR "OCTO_LINK is '${OCTO_LINK}'; it may be system or bundled")
endif()
