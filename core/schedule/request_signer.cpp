// Gathering what is signed, for request_signer.hpp.
#include "schedule/request_signer.hpp"

namespace octo {

Result<std::vector<std::string>> RequestSigner::sign(std::string_view method, std::string_view target,
                                                     std::span<const std::string> client_headers,
                                                     std::span<const std::string> batch_headers) {
  const std::chrono::sys_seconds now = clock_.now();
  const auto credentials = source_.pick(now);
  if (!credentials.is_ok()) return credentials.failure();
  std::vector<HeaderField> fields = fields_to_sign(client_headers);
  for (const HeaderField &field : fields_to_sign(batch_headers)) fields.push_back(field);
  return signer_.sign({method, host_header_, target, fields}, *credentials.value(), now, std::chrono::seconds(0));
}

}  // namespace octo
