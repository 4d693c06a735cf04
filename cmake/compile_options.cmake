# How the project's own code is compiled: the language, the warnings, and the sanitizers.

if(OCTO_SANITIZE STREQUAL "address" OR OCTO_SANITIZE STREQUAL "fuzzer")
  # Not vptr: it probes memory through a pipe, which says no where a test has taken all descriptors.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  if(OCTO_SANITIZE STREQUAL "fuzzer")
    # Coverage for libFuzzer in all code; its main is linked to the targets alone (tests/fuzz).
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
elseif(OCTO_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(NOT OCTO_SANITIZE STREQUAL "")
  message(FATAL_ERROR "OCTO_SANITIZE is '${OCTO_SANITIZE}'; it may be empty, address, thread or fuzzer")
endif()

# gcc warns of what is not there when it instruments, so that warnings are errors in plain builds alone.
function(octo_compile_options target)
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<AND:$<BOOL:${OCTO_WERROR}>,$<STREQUAL:${OCTO_SANITIZE},>>:-Werror>)
endfunction()
