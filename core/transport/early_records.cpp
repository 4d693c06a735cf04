// OpenSSL's reports of records, for early_records.hpp.
#include "transport/early_records.hpp"

#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace octo {

void EarlyRecords::watch(ssl_st *tls, std::size_t waiting_bytes) noexcept {
  bytes_left_ = waiting_bytes;
  if (waiting_bytes == 0) return;
  ::SSL_set_msg_callback(tls, &on_message);
  ::SSL_set_msg_callback_arg(tls, this);
}

void EarlyRecords::on_message(int is_written, int, int content_type, const void *bytes, std::size_t size, ssl_st *tls,
                              void *context) noexcept {
  auto &self = *static_cast<EarlyRecords *>(context);
  if (is_written != 0) return;
  const auto *content = static_cast<const unsigned char *>(bytes);
  if (content_type == SSL3_RT_HEADER && size == SSL3_RT_HEADER_LENGTH) self.note_record(content, tls);
  // TLS 1.3 hides the true type inside of the record.
  const bool is_inner_type = content_type == SSL3_RT_INNER_CONTENT_TYPE && size == 1;
  if (is_inner_type && self.is_early_ && *content == SSL3_RT_APPLICATION_DATA) self.held_response_ = true;
}

void EarlyRecords::note_record(const unsigned char *head, ssl_st *tls) noexcept {
  is_early_ = bytes_left_ > 0;
  if (!is_early_) {
    ::SSL_set_msg_callback(tls, nullptr);
    return;
  }
  const std::size_t record_bytes = SSL3_RT_HEADER_LENGTH + head[3] * std::size_t{256} + head[4];
  bytes_left_ -= std::min(bytes_left_, record_bytes);
  if (head[0] == SSL3_RT_APPLICATION_DATA && ::SSL_version(tls) < TLS1_3_VERSION) held_response_ = true;
}

void read_record_by_record(ssl_ctx_st *context) noexcept { ::SSL_CTX_set_read_ahead(context, 0); }

std::size_t waiting_bytes(int fd) noexcept {
  int count = 0;
  return ::ioctl(fd, FIONREAD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace octo
