// Sockets and OpenSSL behind Channel.
#include "channel.hpp"

#include <linux/sockios.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "plan.hpp"

namespace octo::origin {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

// One scratch buffer for all channels: the origin has one thread, and no read outlives its call.
char scratch[kReadBytes];

}  // namespace

Channel::Channel(int descriptor, SSL_CTX *context) : descriptor_(descriptor), is_secure_(context == nullptr) {
  if (context == nullptr) return;
  ssl_ = SSL_new(context);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_);
}

Channel::~Channel() {
  close();
  SSL_free(ssl_);
}

Channel::Read Channel::read(std::string &input, std::size_t room) {
  for (std::size_t done = 0; done < room;) {
    const ssize_t size = ::recv(descriptor_, scratch, kReadBytes, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Read::kBlocked : Read::kEnd;
    if (size == 0) return Read::kEnd;
    const auto count = static_cast<std::size_t>(size);
    done += count;
    if (ssl_ == nullptr) {
      input.append(scratch, count);
      continue;
    }
    BIO_write(SSL_get_rbio(ssl_), scratch, static_cast<int>(size));
    const Read state = decrypt(input);
    if (state != Read::kBlocked) return state;
  }
  return Read::kMore;
}

// Carries TLS on with what the socket gave; kBlocked: it wants more.
Channel::Read Channel::decrypt(std::string &input) {
  ERR_clear_error();
  if (!is_secure_) {
    const int result = SSL_do_handshake(ssl_);
    take_output();
    if (result != 1) return SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ ? Read::kBlocked : Read::kFailed;
    is_secure_ = true;
  }
  for (;;) {
    const int size = SSL_read(ssl_, scratch, static_cast<int>(kReadBytes));
    if (size > 0) {
      input.append(scratch, static_cast<std::size_t>(size));
      continue;
    }
    take_output();
    const int error = SSL_get_error(ssl_, size);
    if (error == SSL_ERROR_WANT_READ) return Read::kBlocked;
    return error == SSL_ERROR_ZERO_RETURN ? Read::kEnd : Read::kFailed;
  }
}

void Channel::write(std::string_view bytes) {
  if (ssl_ == nullptr) {
    output_.append(bytes);
    return;
  }
  ERR_clear_error();
  if (!bytes.empty()) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  take_output();
}

void Channel::take_output() {
  char *data = nullptr;
  BIO *output = SSL_get_wbio(ssl_);
  const long size = BIO_get_mem_data(output, &data);
  if (size <= 0) return;
  output_.append(data, static_cast<std::size_t>(size));
  BIO_reset(output);
}

Channel::Flush Channel::flush() {
  while (output_done_ < output_.size()) {
    const ssize_t size =
        ::send(descriptor_, output_.data() + output_done_, output_.size() - output_done_, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Flush::kBlocked : Flush::kFailed;
    output_done_ += static_cast<std::size_t>(size);
  }
  output_.clear();
  output_done_ = 0;
  return Flush::kDone;
}

void Channel::write_close_notify() {
  if (ssl_ == nullptr || !is_secure_) return;
  SSL_shutdown(ssl_);
  take_output();
}

void Channel::write_key_update() {
  if (ssl_ == nullptr || SSL_version(ssl_) != TLS1_3_VERSION) return;
  SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(ssl_);
  take_output();
}

void Channel::write_ticket() {
  if (ssl_ == nullptr || SSL_version(ssl_) != TLS1_3_VERSION) return;
  SSL_new_session_ticket(ssl_);
  SSL_do_handshake(ssl_);
  take_output();
}

bool Channel::is_delivered() const {
  int unsent = 0;
  return ioctl(descriptor_, SIOCOUTQNSD, &unsent) != 0 || unsent == 0;
}

void Channel::shut_writing() { ::shutdown(descriptor_, SHUT_WR); }

void Channel::reset() {
  const linger at_once{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(descriptor_);
  descriptor_ = -1;
}

void Channel::close() {
  if (descriptor_ < 0) return;
  // Closing with unread bytes would send RST instead of FIN. What is left after so many reads is a client that never stops.
  constexpr int kReadsMax = 64;
  for (int i = 0; i<kReadsMax && ::recv(descriptor_, scratch, kReadBytes, 0)> 0; ++i) {
  }
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace octo::origin
