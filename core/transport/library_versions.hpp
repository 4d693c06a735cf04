// Which versions of the libraries below run in this process.
#pragma once

#include <string>

namespace octo {

// "libcurl 7.88.1 OpenSSL 3.0.22 libuv 1.44.2"; may throw std::bad_alloc.
std::string library_versions();

}  // namespace octo
