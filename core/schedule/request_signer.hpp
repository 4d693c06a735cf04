// Signs what an attempt is about to send, with the credentials and the time of this moment. I/O thread only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.hpp"
#include "auth/sigv4.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace octo {

// Of an origin that wants to know who asks; fixed when the engine starts.
struct SigningConfig {
  std::string region;
  std::string host_header;
};

// Where the credentials come from, which the host may change at any time.
class CredentialSource {
 public:
  // What signs now, valid until the next call; NO_CREDENTIALS says what is missing.
  virtual Result<const Credentials *> pick(std::chrono::sys_seconds now) = 0;

 protected:
  ~CredentialSource() = default;
};

class RequestSigner {
 public:
  RequestSigner(const SigningConfig &config, CredentialSource &source, const WallClock &clock)
      : host_header_(config.host_header), source_(source), clock_(clock), signer_(config.region) {}
  RequestSigner(const RequestSigner &) = delete;
  RequestSigner &operator=(const RequestSigner &) = delete;

  // The header lines to add. Of `client_headers` and `batch_headers`, both sent as they are, every x-amz-* is signed.
  Result<std::vector<std::string>> sign(std::string_view method, std::string_view target,
                                        std::span<const std::string> client_headers,
                                        std::span<const std::string> batch_headers);

 private:
  const std::string host_header_;
  CredentialSource &source_;
  const WallClock &clock_;
  Signer signer_;
};

}  // namespace octo
