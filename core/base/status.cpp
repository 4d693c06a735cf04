// The table behind octo_status_name, octo_status_text and docs/statuses.md.
#include "base/status.hpp"

#include "base/phase.hpp"

namespace octo {
namespace {

constexpr StatusRow kTable[kStatusCount] = {
    {Status::ok, "OK", "The body is complete and length-checked."},
    {Status::not_modified, "NOT_MODIFIED",
     "The origin answered 304 to If-None-Match: the copy you have is current; there is no body."},
    {Status::not_found, "NOT_FOUND", "The origin has no such object (404 or 410)."},
    {Status::forbidden, "FORBIDDEN", "The origin refused access (401 or 403)."},
    {Status::redirected, "REDIRECTED", "The origin answered with a redirect, which is reported and never followed."},
    {Status::throttled, "THROTTLED",
     "The origin asked for fewer requests (429, or 503); lower connections.max or the load."},
    {Status::server_error, "SERVER_ERROR", "The origin failed (5xx other than 503)."},
    {Status::client_error, "CLIENT_ERROR", "The origin refused the request (another 4xx)."},
    {Status::resolve_failed, "RESOLVE_FAILED",
     "The origin's name could not be resolved, and no earlier address is remembered."},
    {Status::connect_failed, "CONNECT_FAILED", "No address of the origin took a connection within connect.timeout."},
    {Status::tls_failed, "TLS_FAILED",
     "The TLS handshake or the certificate check failed; tls.ca_file names the trusted roots."},
    {Status::connection_lost, "CONNECTION_LOST", "The connection broke before the response was complete."},
    {Status::protocol_error, "PROTOCOL_ERROR", "What the origin sent is not a valid answer to the request."},
    {Status::truncated, "TRUNCATED", "The response ended before its declared length."},
    {Status::corrupt, "CORRUPT", "The bytes do not match the checksum or entity tag."},
    {Status::range_not_satisfiable, "RANGE_NOT_SATISFIABLE",
     "The object does not have the bytes that the range asked for (416)."},
    {Status::modified, "MODIFIED", "The object changed between two attempts."},
    {Status::too_large, "TOO_LARGE", "The body is larger than object.size_max."},
    {Status::no_memory, "NO_MEMORY", "memory.max was reached, or an allocation failed."},
    {Status::local_resource, "LOCAL_RESOURCE", "This process has no file descriptor, local port or thread left."},
    {Status::no_credentials, "NO_CREDENTIALS", "The origin needs credentials and none are set."},
    {Status::invalid_key, "INVALID_KEY", "The key cannot be asked of this origin."},
    {Status::deadline, "DEADLINE", "The request was not settled at the deadline; its phase says where the time went."},
    {Status::cancelled, "CANCELLED", "The batch was cancelled before the request settled."},
    {Status::shed, "SHED",
     "The request was not started, because it could not have finished in time or queue.max was "
     "reached."},
    {Status::circuit_open, "CIRCUIT_OPEN", "The origin's circuit breaker is open."},
    {Status::closed, "CLOSED", "The client, batch or queue was closed."},
    {Status::forked, "FORKED", "The batch or queue belongs to the parent process."},
    {Status::internal, "INTERNAL", "A defect of the library; please report it."},
    {Status::invalid_argument, "INVALID_ARGUMENT", "A mistake in the call; the error text names the argument."},
    {Status::unsupported, "UNSUPPORTED", "A flag, field or scheme that this build does not know."},
    {Status::again, "AGAIN", "The wait ended first; the batch runs on."},
    {Status::end, "END", "There is nothing more to hand out."},
};

constexpr const char *kPhaseNames[kPhaseCount] = {"queued",   "resolving", "connecting",
                                                  "securing", "waiting",   "receiving"};

}  // namespace

const StatusRow (&status_table() noexcept)[kStatusCount] { return kTable; }

const StatusRow *find_status(std::int32_t status) noexcept {
  for (const StatusRow &row : kTable) {
    if (static_cast<std::int32_t>(row.status) == status) return &row;
  }
  return nullptr;
}

const char *phase_name(Phase phase) noexcept { return kPhaseNames[static_cast<std::size_t>(phase)]; }

}  // namespace octo
