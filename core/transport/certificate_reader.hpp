// Certificates of files, directories and texts, read into a trust store; for trust_store.hpp.
//
// Whatever a path names, reading it ends: devices and pipes are refused unopened, and sizes have limits. Everything is
// read at once, also of a directory, where OpenSSL by itself would read at the first handshake that needs a root: on
// the I/O thread, and from a disk that may not answer. Called by whoever opens a client.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

struct x509_store_st;

namespace octo {

// Of one file, and of all files of one directory that are read; the bundle of Mozilla's roots has 220 KB.
inline constexpr std::size_t kCertificateBytesMax = std::size_t{16} << 20;
// Of one directory, whatever their names.
inline constexpr std::size_t kDirectoryEntriesMax = 65536;

// Adds the certificates of a PEM file, of which there has to be one; other blocks of the file are passed over. The text
// of a refusal begins with what is wrong and does not name the path.
Result<Done> add_certificate_file(x509_store_st *store, const std::string &path);

// Adds the certificates of a PEM text as of a file; the answer is how many there were.
Result<std::size_t> add_certificate_text(x509_store_st *store, const std::string &text);

// Adds the certificates of the files whose names are those of `openssl rehash`, such as 1a2b3c4d.0: as for OpenSSL, no
// other file of the directory is trusted. A file that cannot be read is passed over; the answer is how many could.
Result<std::size_t> add_certificate_directory(x509_store_st *store, const std::string &path);

}  // namespace octo
