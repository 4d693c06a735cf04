// The bytes of one connection, plain or TLS, with the boundaries under control: one write() is one TLS record and one send. TLS runs
// over memory BIOs, so OpenSSL never touches the socket. Never blocks.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace octo::origin {

class Channel {
 public:
  // Takes the descriptor over. A null context means plain.
  Channel(int descriptor, SSL_CTX *context);
  ~Channel();
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;

  // kMore: bytes may be waiting in the kernel, but `room` was used up. kBlocked: the socket is empty. kEnd: the client ended its
  // half or the connection. kFailed: TLS cannot go on; an alert may wait in the output.
  enum class Read { kMore, kBlocked, kEnd, kFailed };

  // Appends what the client sent to `input`; carries the TLS handshake on.
  Read read(std::string &input, std::size_t room);

  // False until the TLS handshake is complete.
  bool is_secure() const { return is_secure_; }
  bool was_resumed() const { return ssl_ != nullptr && SSL_session_reused(ssl_) == 1; }

  // At most kPieceBytes for one record.
  void write(std::string_view bytes);

  // Past TLS: as they are, on the socket.
  void write_raw(std::string_view bytes) { output_.append(bytes); }

  enum class Flush { kDone, kBlocked, kFailed };
  Flush flush();

  // TLS extras, written to the output like other bytes. On a plain channel they do nothing.
  void write_close_notify();
  void write_key_update();
  void write_ticket();

  // True when the kernel has handed everything to the client's host.
  bool is_delivered() const;

  void shut_writing();
  void reset();  // RST.
  void close();  // FIN, also when the client sent bytes we did not read.
  bool is_open() const { return descriptor_ >= 0; }

 private:
  Read decrypt(std::string &input);
  void take_output();

  int descriptor_;
  SSL *ssl_ = nullptr;
  bool is_secure_;
  std::string output_;
  std::size_t output_done_ = 0;
};

}  // namespace octo::origin
