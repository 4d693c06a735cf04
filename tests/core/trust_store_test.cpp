// What a client trusts: files, directories and texts of certificates, what is refused as such, and what is said of them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/origin_process.hpp"
#include "transport/certificate_reader.hpp"
#include "transport/trust_store.hpp"
#include "transport_client.hpp"

namespace octo {
namespace {

using octo_test::OriginProcess;

class TransportTrust : public testing::Test {
 protected:
  TransportTrust() {
    char pattern[] = "/tmp/octo-trust-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~TransportTrust() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string &name) const { return folder_ + "/" + name; }

  std::string write(const std::string &name, const std::string &text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  static std::string refusal(const TrustRoots &roots) {
    const auto loaded = TrustStore::load(roots);
    if (loaded.is_ok()) return "trusts " + loaded.value()->source();
    EXPECT_EQ(loaded.failure().status, Status::invalid_argument);
    return loaded.failure().text;
  }

  static const std::string &certificate() {
    static const std::string text = [] {
      const OriginProcess origin("{}");
      std::ifstream file(origin.ca_file(), std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(file), {});
    }();
    return text;
  }

  std::string folder_;
};

TEST_F(TransportTrust, the_bundle_of_the_system_is_found_and_named) {
  const auto store = TrustStore::load({});
  if (!store.is_ok()) GTEST_SKIP() << store.failure().text;
  EXPECT_TRUE(store.value()->source().starts_with("the system's '/etc/")) << store.value()->source();
}

TEST_F(TransportTrust, a_file_may_hold_other_blocks_beside_certificates) {
  const std::string key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const std::string file = write("ca.pem", "words\n" + key + certificate() + key + certificate());
  EXPECT_EQ(refusal({file, {}, {}}), "trusts tls.ca_file '" + file + "'");
}

TEST_F(TransportTrust, a_file_without_certificates_is_refused_by_name) {
  EXPECT_EQ(refusal({"/does/not/exist.pem", {}, {}}),
            "tls.ca_file: '/does/not/exist.pem' cannot be read: No such file or directory; name a file of PEM "
            "certificates");
  for (const std::string &text : {std::string(), std::string("nothing"), certificate().substr(0, 200)}) {
    const std::string file = write("ca.pem", text);
    EXPECT_EQ(refusal({file, {}, {}}),
              "tls.ca_file: '" + file + "' cannot be read as PEM certificates; name a file of PEM certificates");
  }
  const std::string broken = write("ca.pem", certificate() + certificate().substr(0, 200));
  EXPECT_NE(refusal({broken, {}, {}}).find("cannot be read as PEM certificates"), std::string::npos);
}

TEST_F(TransportTrust, what_never_ends_is_refused_unread) {
  EXPECT_NE(refusal({"/dev/zero", {}, {}}).find("is not a regular file"), std::string::npos);
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_NE(refusal({path("pipe"), {}, {}}).find("is not a regular file"), std::string::npos);
  const std::string large = write("large.pem", certificate());
  std::filesystem::resize_file(large, kCertificateBytesMax + 1);
  EXPECT_NE(refusal({large, {}, {}}).find("has more than 16 MiB"), std::string::npos);
}

TEST_F(TransportTrust, a_directory_is_not_taken_for_a_file) {
  EXPECT_EQ(refusal({folder_, {}, {}}), "tls.ca_file: '" + folder_ + "' is a directory; name it in tls.ca_directory");
}

TEST_F(TransportTrust, of_a_directory_the_hashed_names_alone_are_trusted) {
  write("ca.pem", certificate());
  write("0123abcd.r0", certificate());
  write("0123ABCD.0", certificate());
  EXPECT_EQ(refusal({{}, folder_, {}}),
            "tls.ca_directory: '" + folder_ + "' has no certificates under hashed names; run 'openssl rehash' for it");
  write("0123abcd.0", certificate());
  write("0123abcd.1", "no certificate");
  EXPECT_EQ(refusal({{}, folder_, {}}), "trusts tls.ca_directory '" + folder_ + "'");
}

TEST_F(TransportTrust, of_several_directories_one_has_to_have_certificates) {
  write("0123abcd.0", certificate());
  EXPECT_EQ(refusal({{}, "/nowhere::" + folder_, {}}), "trusts tls.ca_directory '/nowhere::" + folder_ + "'");
  EXPECT_NE(refusal({{}, "/nowhere", {}}).find("'/nowhere' cannot be read: No such file or directory"),
            std::string::npos);
  EXPECT_NE(refusal({{}, ":", {}}).find("no directory is named"), std::string::npos);
}

TEST_F(TransportTrust, a_file_and_a_directory_are_trusted_alike) {
  const std::string file = write("ca.pem", certificate());
  write("0123abcd.0", certificate());
  EXPECT_EQ(refusal({file, folder_, {}}), "trusts tls.ca_file '" + file + "' and tls.ca_directory '" + folder_ + "'");
  EXPECT_NE(refusal({file, "/nowhere", {}}).find("tls.ca_directory: '/nowhere'"), std::string::npos);
}

TEST_F(TransportTrust, certificates_may_be_given_as_text) {
  EXPECT_EQ(refusal({{}, {}, certificate() + "words\n" + certificate()}), "trusts tls.ca_pem (2 certificates)");
  const std::string file = write("ca.pem", certificate());
  EXPECT_EQ(refusal({file, {}, certificate()}), "trusts tls.ca_file '" + file + "' and tls.ca_pem (1 certificates)");
  EXPECT_NE(refusal({"/nowhere", {}, certificate()}).find("tls.ca_file: '/nowhere'"), std::string::npos);
}

TEST_F(TransportTrust, a_text_without_certificates_is_refused_and_not_repeated) {
  for (const std::string &text : {std::string("/etc/ssl/cert.pem"), certificate().substr(0, 200)}) {
    EXPECT_EQ(refusal({{}, {}, text}), "tls.ca_pem: the text cannot be read as PEM certificates");
  }
  EXPECT_NE(refusal({{}, {}, certificate() + certificate().substr(0, 200)}).find("tls.ca_pem"), std::string::npos);
  const std::string large = certificate() + std::string(kCertificateBytesMax, '\n');
  EXPECT_EQ(refusal({{}, {}, large}), "tls.ca_pem: the text has more than 16 MiB");
}

TEST_F(TransportTrust, an_origin_is_trusted_by_a_root_of_a_text) {
  const OriginProcess origin(R"({"default": {"size": 10}})");
  std::ifstream file(origin.ca_file(), std::ios::binary);
  const std::string root(std::istreambuf_iterator<char>(file), {});
  TestClient trusting(origin.url("https"), TrustRoots{{}, {}, root});
  EXPECT_EQ(trusting.fetch("/a")->end->status, Status::ok);
  TestClient distrusting(origin.url("https"), TrustRoots{{}, {}, certificate()});
  EXPECT_EQ(distrusting.fetch("/a")->end->status, Status::tls_failed);
}

TEST_F(TransportTrust, an_origin_is_trusted_by_a_root_of_a_directory) {
  const OriginProcess origin(R"({"default": {"size": 10}})");
  std::filesystem::copy(origin.ca_file(), path("0123abcd.0"));
  TestClient trusting(origin.url("https"), TrustRoots{{}, folder_, {}});
  EXPECT_EQ(trusting.fetch("/a")->end->status, Status::ok);
  // Another root, which this origin does not come from.
  write("0123abcd.0", certificate());
  TestClient distrusting(origin.url("https"), TrustRoots{{}, folder_, {}});
  const auto refused = distrusting.fetch("/a");
  EXPECT_EQ(refused->end->status, Status::tls_failed);
  EXPECT_TRUE(refused->end->message.ends_with("trusted are the roots of tls.ca_directory '" + folder_ + "'"))
      << refused->end->message;
}

}  // namespace
}  // namespace octo
