// Signs requests that come as lines of JSON on standard input, and prints what to send as lines of JSON: how
// signature_test.py asks the library's signer about any request at any time.
#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "auth/sigv4.hpp"

namespace {

using Json = nlohmann::json;

Json signed_lines(const Json &asked) {
  const auto text = [&](const char *name) { return asked.at(name).get<std::string>(); };
  const auto target = text("target");
  const auto host = text("host");
  const auto id = text("access_key_id");
  const auto secret = text("secret_access_key");
  const auto token = text("session_token");
  const auto headers = asked.at("headers").get<std::vector<std::string>>();
  const auto credentials = octo::make_credentials({id, secret, token, {}});
  if (!credentials.is_ok()) return {{"refusal", credentials.failure().text}};
  octo::Signer signer(text("region"));
  const std::vector<octo::HeaderField> fields = octo::fields_to_sign(headers);
  const std::chrono::sys_seconds now{std::chrono::seconds(asked.at("now").get<std::int64_t>())};
  const auto lines = signer.sign({text("method"), host, target, fields}, credentials.value(), now, {});
  if (!lines.is_ok()) return {{"refusal", lines.failure().text}};
  const std::string query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
  return {{"lines", lines.value()}, {"query", octo::canonical_query(query)}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << signed_lines(Json::parse(line)).dump() << '\n';
}
