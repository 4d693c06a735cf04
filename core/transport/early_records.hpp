// Which TLS records had reached a fresh connection before its first request was written, and whether one of them holds
// bytes of a response, which then answer nothing.
//
// Session tickets come at that time as well, and look the same from outside: only OpenSSL, which opens the records, can
// tell. I/O thread only.
#pragma once

#include <cstddef>
#include <cstdint>

struct ssl_st;
struct ssl_ctx_st;

namespace octo {

class EarlyRecords {
 public:
  // `waiting_bytes` are on the socket now, at the boundary of a record. From here on OpenSSL reports what they were;
  // this must stay where it is for as long as `tls` lives.
  void watch(ssl_st *tls, std::size_t waiting_bytes) noexcept;
  // Some of them were of a response. Known by the time its first byte is delivered.
  bool held_response() const noexcept { return held_response_; }

 private:
  static void on_message(int is_written, int version, int content_type, const void *bytes, std::size_t size,
                         ssl_st *tls, void *context) noexcept;
  void note_record(const unsigned char *head, ssl_st *tls) noexcept;

  std::size_t bytes_left_ = 0;  // of those that were waiting
  bool is_early_ = false;       // the record that is being read is one of them
  bool held_response_ = false;
};

// Has OpenSSL take no more from a socket than the record that it reads. A newer libcurl lets it take all there is, and then
// neither this nor the guard can see what waits.
void read_record_by_record(ssl_ctx_st *context) noexcept;

// How many bytes wait on a socket.
std::size_t waiting_bytes(int fd) noexcept;

}  // namespace octo
