// Reading s3 options and credentials, for origin_target.hpp.
#include "client/origin_target.hpp"

#include "base/printable.hpp"
#include "base/s3_endpoint.hpp"

namespace octo {
namespace {

Failure refuse(std::string text) { return {Status::invalid_argument, std::move(text)}; }

Result<S3Addressing> parse_addressing(const std::string &text) {
  if (text == "auto") return S3Addressing::automatic;
  if (text == "virtual") return S3Addressing::virtual_host;
  if (text == "path") return S3Addressing::path;
  return refuse("s3.addressing: '" + printable(text, 32) + "' is none of auto, virtual and path");
}

bool has_credentials(const Options &options) noexcept {
  return !options.text(OptionId::s3_access_key_id).empty() || !options.text(OptionId::s3_secret_access_key).empty() ||
         !options.text(OptionId::s3_session_token).empty();
}

Result<Done> check_signing(const OriginTarget &target, const Options &options) {
  if (options.flag(OptionId::s3_unsigned)) {
    if (has_credentials(options)) return refuse("s3.unsigned: credentials are set, and would not be used; drop one");
    return Done{};
  }
  const bool is_exposed = !target.origin.secure && !is_loopback(target.origin.host);
  if (is_exposed && !options.flag(OptionId::s3_plain_http)) {
    return refuse("s3.endpoint: plain http to '" + printable(target.origin.host, 64) +
                  "' would show who signs to anybody on the way; use https, or set s3.plain_http");
  }
  return Done{};
}

Result<OriginTarget> find_s3_target(std::string_view url, const Options &options) {
  const auto addressing = parse_addressing(options.text(OptionId::s3_addressing));
  if (!addressing.is_ok()) return addressing.failure();
  auto endpoint = resolve_s3_endpoint(url, {options.text(OptionId::s3_region), options.text(OptionId::s3_endpoint),
                                            addressing.value(), options.flag(OptionId::s3_dual_stack)});
  if (!endpoint.is_ok()) return endpoint.failure();
  OriginTarget target;
  target.is_s3 = true;
  target.origin = std::move(endpoint.value().origin);
  if (const auto checked = check_signing(target, options); !checked.is_ok()) return checked.failure();
  if (options.flag(OptionId::s3_unsigned)) return target;
  target.signing = SigningConfig{std::move(endpoint.value().region), std::move(endpoint.value().host_header)};
  if (!has_credentials(options)) return target;
  auto credentials = share_credentials({options.text(OptionId::s3_access_key_id),
                                        options.text(OptionId::s3_secret_access_key),
                                        options.text(OptionId::s3_session_token),
                                        {}});
  if (!credentials.is_ok()) return credentials.failure();
  target.credentials = std::move(credentials.value());
  return target;
}

}  // namespace

Result<OriginTarget> find_target(std::string_view url, const Options &options) {
  if (is_s3_url(url)) return find_s3_target(url, options);
  auto origin = parse_origin_url(url);
  if (!origin.is_ok()) return origin.failure();
  if (has_credentials(options)) {
    return refuse("s3.access_key_id: only an s3:// origin is signed; drop it, or set a header instead");
  }
  OriginTarget target;
  target.origin = std::move(origin.value());
  return target;
}

Result<Ref<SharedCredentials>> share_credentials(const CredentialText &text) {
  auto credentials = make_credentials(text);
  if (!credentials.is_ok()) return credentials.failure();
  return Ref<SharedCredentials>::adopt(new SharedCredentials(std::move(credentials.value())));
}

Failure authorization_refused() {
  return refuse(
      "authorization: requests of an s3 origin are signed by the library; drop the header, or set s3.unsigned");
}

bool is_loopback(std::string_view host) noexcept {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace octo
