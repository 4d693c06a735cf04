# libcurl, nghttp2 and libuv of pinned versions, built from source: static, position-independent, hidden. They are built when
# CMake runs, because headers and archives must be there before anything compiles, and into a folder that all build folders
# share (OCTO_DEPS_DIR): whose name says what they were built from and how, so that they are built once.
include(cmake/bundled_sources.cmake)

set(OCTO_DEPS_MIRROR "$ENV{OCTO_DEPS_MIRROR}" CACHE PATH
  "A folder with the archives that cmake/bundled_sources.txt pins; empty: downloaded")
set(OCTO_DEPS_DIR ${PROJECT_SOURCE_DIR}/build/deps CACHE PATH "Where the bundled libraries are built and kept")

set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3.0 REQUIRED)
if(NOT OPENSSL_CRYPTO_LIBRARY MATCHES "[.]a$")
  message(FATAL_ERROR "OCTO_LINK=bundled needs static OpenSSL libraries, and found ${OPENSSL_CRYPTO_LIBRARY}; "
    "begin with an empty build folder, or name them: -DOPENSSL_ROOT_DIR=FOLDER")
endif()

set(bundled_tools -G ${CMAKE_GENERATOR} -DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}
  -DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER})
# Not our build type: they are what users get, whatever is built around them.
set(bundled_common
  -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
  -DCMAKE_C_FLAGS=${CMAKE_C_FLAGS}
  -DCMAKE_C_VISIBILITY_PRESET=hidden
  -DCMAKE_POSITION_INDEPENDENT_CODE=ON
  -DCMAKE_INSTALL_LIBDIR=lib
  -DBUILD_SHARED_LIBS=OFF
  -DBUILD_TESTING=OFF)
if(CMAKE_TOOLCHAIN_FILE)
  list(APPEND bundled_common -DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE})
endif()

set(bundled_libuv -DLIBUV_BUILD_SHARED=OFF -DLIBUV_BUILD_TESTS=OFF -DLIBUV_BUILD_BENCH=OFF)
set(bundled_nghttp2 -DENABLE_LIB_ONLY=ON -DBUILD_STATIC_LIBS=ON -DENABLE_DOC=OFF)
# HTTP and HTTPS alone, and nothing that is read from the host without being asked for: no trust store that was found where
# it was built, and no openssl.cnf, which may be of another OpenSSL and end every handshake. libcurl loads that by itself.
# The socket pair is a descriptor for each multi, for curl_multi_wakeup and curl_multi_poll, which nobody calls.
set(bundled_curl
  -DBUILD_CURL_EXE=OFF -DBUILD_STATIC_LIBS=ON -DBUILD_LIBCURL_DOCS=OFF -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF
  -DHTTP_ONLY=ON -DCURL_DISABLE_LDAP=ON
  -DCURL_USE_OPENSSL=ON -DOPENSSL_USE_STATIC_LIBS=ON -DOPENSSL_ROOT_DIR=${OPENSSL_ROOT_DIR}
  -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_DISABLE_SOCKETPAIR=ON
  -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DCURL_CA_FALLBACK=OFF -DCURL_CA_NATIVE=OFF
  -DUSE_NGHTTP2=ON -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF
  -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_PKGCONFIG=OFF)

# Builds the archive of a name with the named list of options, unless that is done, into bundled_prefix.
function(octo_bundle name)
  set(stamp ${bundled_prefix}/${name}.built)
  if(EXISTS ${stamp})
    return()
  endif()
  set(sources ${OCTO_DEPS_DIR}/sources)
  if(OCTO_DEPS_MIRROR)
    set(sources ${OCTO_DEPS_MIRROR})
  endif()
  octo_source_find(${name} ${sources} archive)
  if(NOT archive AND OCTO_DEPS_MIRROR)
    message(FATAL_ERROR "OCTO_DEPS_MIRROR: ${sources} has no ${name} that cmake/bundled_sources.txt pins; "
      "tools/fill_deps_mirror.sh ${sources} puts it there")
  endif()
  if(NOT archive)
    file(MAKE_DIRECTORY ${sources})
    octo_source_download(${name} ${sources})
    octo_source_find(${name} ${sources} archive)
  endif()
  message(STATUS "Building ${name} in ${bundled_prefix}")
  set(work ${bundled_prefix}/${name}.building)
  file(REMOVE_RECURSE ${work})
  file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${work}/source)
  file(GLOB source ${work}/source/*)
  foreach(step IN ITEMS
      "-S;${source};-B;${work}/build;${bundled_tools};${bundled_common};${bundled_${name}};-DCMAKE_PREFIX_PATH=${bundled_prefix};-DCMAKE_INSTALL_PREFIX=${bundled_prefix}"
      "--build;${work}/build;--parallel"
      "--install;${work}/build")
    execute_process(COMMAND ${CMAKE_COMMAND} ${step} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "Building ${name} failed:\n${said}")
    endif()
  endforeach()
  file(REMOVE_RECURSE ${work})
  file(TOUCH ${stamp})
endfunction()

file(SHA256 ${octo_sources_table} bundled_key)
string(SHA256 bundled_key "${bundled_key} ${bundled_common} ${bundled_libuv} ${bundled_nghttp2} ${bundled_curl}
  ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR} ${OPENSSL_VERSION} ${OPENSSL_INCLUDE_DIR}")
string(SUBSTRING ${bundled_key} 0 16 bundled_key)
set(bundled_prefix ${OCTO_DEPS_DIR}/${bundled_key})
file(MAKE_DIRECTORY ${bundled_prefix})
file(LOCK ${bundled_prefix}/lock TIMEOUT 1800)
octo_bundle(libuv)
octo_bundle(nghttp2)
octo_bundle(curl)
file(LOCK ${bundled_prefix}/lock RELEASE)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${octo_sources_table})

set(bundled_archives ${bundled_prefix}/lib/libcurl.a ${bundled_prefix}/lib/libnghttp2.a ${bundled_prefix}/lib/libuv.a)
target_include_directories(octofetch_dependencies SYSTEM INTERFACE ${bundled_prefix}/include)
target_compile_definitions(octofetch_dependencies INTERFACE CURL_STATICLIB)
target_link_libraries(octofetch_dependencies INTERFACE
  ${bundled_archives} OpenSSL::SSL OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS})
# No symbol of an archive leaves what it is linked into, whatever visibility it was declared with; and no host's libstdc++
# is asked for one that it is too old for.
target_link_options(octofetch_dependencies INTERFACE -Wl,--exclude-libs,ALL -static-libstdc++ -static-libgcc)
