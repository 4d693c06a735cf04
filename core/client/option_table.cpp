// The rows and the search by name for option_table.hpp.
#include "client/option_table.hpp"

#include <algorithm>
#include <vector>

#include "base/printable.hpp"

namespace octo {
namespace {

using Type = OptionType;

constexpr OptionRow kTable[] = {
    {OptionId::name, "name", Type::text, "", "", "", false, false,
     "What to call this client in explanations and metrics; the URL's host when empty."},
    {OptionId::budget, "budget", Type::duration, "", "0ms", "600s", true, false,
     "The budget of batches that are submitted without one; without this option they are refused."},
    {OptionId::connections_max, "connections.max", Type::count, "64", "1", "4096", false, false,
     "How many exchanges run at once, over as many connections; more requests wait for a slot."},
    {OptionId::connect_timeout, "connect.timeout", Type::duration, "1s", "10ms", "60s", false, false,
     "How long one address may take to connect, TLS handshake included."},
    {OptionId::connect_next_after, "connect.next_after", Type::duration, "250ms", "10ms", "60s", false, false,
     "When an address has not connected for this long, the next one is tried beside it."},
    {OptionId::queue_max, "queue.max", Type::count, "10000", "1", "1000000", false, false,
     "How many requests may wait for a slot; those beyond end with SHED at once, be they of one batch or of many."},
    {OptionId::batch_requests_max, "batch.requests_max", Type::count, "16384", "1", "16384", false, false,
     "How many requests one batch may have; a larger one is refused."},
    {OptionId::memory_max, "memory.max", Type::size, "256MiB", "1MiB", "1TiB", true, false,
     "Bytes of bodies held for batches that are not frozen; when unset, an eighth of the cgroup's "
     "limit if that is less."},
    {OptionId::object_size_max, "object.size_max", Type::size, "32MiB", "1B", "1GiB", false, false,
     "The largest body; a larger one ends with TOO_LARGE."},
    {OptionId::idle_max, "idle.max", Type::duration, "10s", "1s", "600s", false, false,
     "An idle connection older than this is not used again."},
    {OptionId::dns_refresh, "dns.refresh", Type::duration, "30s", "1s", "3600s", false, false,
     "The origin's addresses are looked up anew after this, in the background."},
    {OptionId::dns_keep, "dns.keep", Type::duration, "600s", "1s", "86400s", false, false,
     "How long the last known addresses are used while lookups fail."},
    {OptionId::dns_addresses, "dns.addresses", Type::text, "", "", "", false, false,
     "Addresses to use instead of looking the origin's name up, separated by commas."},
    {OptionId::orphan_size_max, "orphan.size_max", Type::size, "64KiB", "0B", "16MiB", false, false,
     "A response is read on after its batch froze, to keep the connection, if at most this is left."},
    {OptionId::orphan_time_max, "orphan.time_max", Type::duration, "100ms", "0ms", "10s", false, false,
     "And for at most this long."},
    {OptionId::threads_idle, "threads.idle", Type::duration, "30s", "10ms", "3600s", false, false,
     "Threads and connections of a client that does nothing end after this."},
    {OptionId::tls_ca_file, "tls.ca_file", Type::text, "", "", "", false, false,
     "A PEM file of trusted roots; the system's when this, tls.ca_directory and tls.ca_pem are empty."},
    {OptionId::tls_ca_directory, "tls.ca_directory", Type::text, "", "", "", false, false,
     "A directory of trusted roots under the names that 'openssl rehash' gives; several are separated by ':'."},
    {OptionId::tls_ca_pem, "tls.ca_pem", Type::text, "", "", "16MiB", false, false,
     "Trusted roots as PEM text, for a program that holds them itself; they count beside those of the other two."},
    {OptionId::headers, "headers", Type::text, "", "", "", false, true,
     "Request headers for every request, as 'Name: value' lines separated by line feeds."},
    {OptionId::user_agent, "user_agent", Type::text, "octofetch/0.1.0", "", "", false, false, "The User-Agent header."},
    {OptionId::key_dot_segments, "key.dot_segments", Type::boolean, "false", "", "", false, false,
     "Accept keys with a '.' or '..' segment, for origins that take them literally."},
    {OptionId::response_unframed, "response.unframed", Type::boolean, "false", "", "", false, false,
     "Accept a body that only the end of its connection delimits, so that a cut-off goes unseen."},
    {OptionId::s3_region, "s3.region", Type::text, "", "", "", false, false,
     "The region of an s3 origin's bucket, such as eu-central-1; us-east-1 when empty beside s3.endpoint."},
    {OptionId::s3_endpoint, "s3.endpoint", Type::text, "", "", "", false, false,
     "Another store than Amazon's for an s3 origin, such as https://minio.example:9000."},
    {OptionId::s3_addressing, "s3.addressing", Type::text, "auto", "", "", false, false,
     "Where an s3 origin's bucket stands: virtual (in the host name), path, or auto."},
    {OptionId::s3_dual_stack, "s3.dual_stack", Type::boolean, "false", "", "", false, false,
     "Ask Amazon's host names that have IPv6 addresses as well."},
    {OptionId::s3_access_key_id, "s3.access_key_id", Type::text, "", "", "", false, false,
     "Who signs the requests of an s3 origin; octo_client_credentials_set changes it later."},
    {OptionId::s3_secret_access_key, "s3.secret_access_key", Type::text, "", "", "", false, true,
     "The secret of s3.access_key_id."},
    {OptionId::s3_session_token, "s3.session_token", Type::text, "", "", "", false, true,
     "The token that temporary credentials come with."},
    {OptionId::s3_unsigned, "s3.unsigned", Type::boolean, "false", "", "", false, false,
     "Send the requests of an s3 origin without a signature, as public buckets allow."},
    {OptionId::s3_plain_http, "s3.plain_http", Type::boolean, "false", "", "", false, false,
     "Sign requests also over plain http to another host, where anybody on the way can read them."},
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const OptionRow> option_table() noexcept { return kTable; }

const OptionRow &option_row(OptionId id) noexcept { return kTable[static_cast<std::size_t>(id)]; }

Result<const OptionRow *> find_option(std::string_view name) {
  const OptionRow *nearest = nullptr;
  std::size_t nearest_distance = 0;
  // A name of any length: what is longer than every option by far is near none.
  const std::string_view compared = name.substr(0, 64);
  for (const OptionRow &row : kTable) {
    if (name == row.name) return &row;
    const std::size_t distance = edit_distance(compared, row.name);
    if (nearest == nullptr || distance < nearest_distance) {
      nearest = &row;
      nearest_distance = distance;
    }
  }
  std::string text = "there is no option '" + printable(name, 64) + "'";
  if (nearest_distance <= 6) text += std::string("; did you mean ") + nearest->name + "?";
  return Failure{Status::invalid_argument, text};
}

}  // namespace octo
