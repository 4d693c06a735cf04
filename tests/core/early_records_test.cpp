// What waits on a fresh TLS connection: tickets are none of our business, bytes of a response are.
#include "transport/early_records.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace octo {
namespace {

template <auto free>
struct Free {
  template <typename Type>
  void operator()(Type *object) const {
    free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

// A client and a server of one TLS version, with memory between them, after their handshake.
class TlsPair {
 public:
  explicit TlsPair(int version)
      : server_context_(SSL_CTX_new(TLS_server_method())), client_context_(SSL_CTX_new(TLS_client_method())) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    SSL_CTX_use_certificate(server_context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(server_context_.get(), key.get());
    for (SSL_CTX *context : {server_context_.get(), client_context_.get()}) {
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
    }
    // As a newer libcurl sets it up.
    SSL_CTX_set_read_ahead(client_context_.get(), 1);
    read_record_by_record(client_context_.get());
    server_.reset(SSL_new(server_context_.get()));
    client_.reset(SSL_new(client_context_.get()));
    BIO *server_end = nullptr;
    BIO_new_bio_pair(&server_end, 1 << 17, &client_end_, 1 << 17);
    SSL_set_bio(server_.get(), server_end, server_end);
    SSL_set_bio(client_.get(), client_end_, client_end_);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
    // The client first, so that the server's tickets still wait when both are done.
    for (int i = 0; i < 4; ++i) {
      SSL_do_handshake(client_.get());
      SSL_do_handshake(server_.get());
    }
  }

  bool is_ready() const { return SSL_is_init_finished(server_.get()) == 1 && SSL_is_init_finished(client_.get()) == 1; }
  void answer(const std::string &text) { SSL_write(server_.get(), text.data(), static_cast<int>(text.size())); }
  std::size_t waiting() const { return BIO_ctrl_pending(client_end_); }
  SSL *client() const { return client_.get(); }

  std::string read() {
    char bytes[64];
    const int size = SSL_read(client_.get(), bytes, sizeof bytes);
    return {bytes, static_cast<std::size_t>(size > 0 ? size : 0)};
  }

 private:
  const Context server_context_;
  const Context client_context_;
  Session server_;
  Session client_;
  BIO *client_end_ = nullptr;
};

class EarlyRecordsTest : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(, EarlyRecordsTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto &version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

TEST_P(EarlyRecordsTest, row_8_bytes_of_a_response_that_were_there_before_the_request_are_noticed) {
  TlsPair pair(GetParam());
  ASSERT_TRUE(pair.is_ready());
  pair.answer("stray");
  EarlyRecords early;
  early.watch(pair.client(), pair.waiting());
  EXPECT_EQ(pair.read(), "stray");
  EXPECT_TRUE(early.held_response());
}

TEST_P(EarlyRecordsTest, row_37_session_tickets_are_none) {
  TlsPair pair(GetParam());
  ASSERT_TRUE(pair.is_ready());
  EXPECT_EQ(pair.waiting() > 0, GetParam() == TLS1_3_VERSION) << "tickets come after the handshake in TLS 1.3";
  EarlyRecords early;
  early.watch(pair.client(), pair.waiting());
  pair.answer("reply");
  EXPECT_EQ(pair.read(), "reply");
  pair.answer("more");
  EXPECT_EQ(pair.read(), "more");
  EXPECT_FALSE(early.held_response());
}

TEST_P(EarlyRecordsTest, a_part_of_a_record_counts_for_all_of_it) {
  TlsPair pair(GetParam());
  ASSERT_TRUE(pair.is_ready());
  const std::size_t tickets = pair.waiting();
  pair.answer("stray");
  EarlyRecords early;
  early.watch(pair.client(), tickets + 1);
  EXPECT_EQ(pair.read(), "stray");
  EXPECT_TRUE(early.held_response());
}

TEST_P(EarlyRecordsTest, a_record_behind_the_one_that_is_read_still_waits_where_it_can_be_seen) {
  TlsPair pair(GetParam());
  ASSERT_TRUE(pair.is_ready());
  pair.answer("reply");
  pair.answer("stray");
  EXPECT_EQ(pair.read(), "reply");
  EXPECT_GT(pair.waiting(), 0U);
  EXPECT_EQ(SSL_has_pending(pair.client()), 0);
}

TEST(EarlyRecords, counts_what_waits_on_a_socket) {
  int fds[2] = {-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  EXPECT_EQ(waiting_bytes(fds[0]), 0U);
  ASSERT_EQ(write(fds[1], "12345", 5), 5);
  EXPECT_EQ(waiting_bytes(fds[0]), 5U);
  EXPECT_EQ(waiting_bytes(-1), 0U);
  close(fds[0]);
  close(fds[1]);
}

}  // namespace
}  // namespace octo
