// What a client's URL and options say of where it fetches from and who asks: http(s) as it stands, s3 resolved.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/url.hpp"
#include "client/credential_slot.hpp"
#include "client/options.hpp"
#include "schedule/request_signer.hpp"

namespace octo {

struct OriginTarget {
  OriginUrl origin;
  bool is_s3 = false;
  std::optional<SigningConfig> signing;  // none for http(s), and where s3.unsigned is set
  Ref<SharedCredentials> credentials;    // null where none were given
};

Result<OriginTarget> find_target(std::string_view url, const Options &options);

// Checked, in the shape that engines share. The message names the part, and never its value.
Result<Ref<SharedCredentials>> share_credentials(const CredentialText &text);

// The refusal of a header that the signer writes.
Failure authorization_refused();

// Whether what is sent to a host of this name stays on this machine.
bool is_loopback(std::string_view host) noexcept;

}  // namespace octo
