// What to do where client.warm() finds that connections cannot be opened.
import type { Status } from './status';

const ADVICE: Partial<Record<Status, string>> = {
  RESOLVE_FAILED: "check the host's name, and that this machine can look it up; or name dnsAddresses",
  CONNECT_FAILED: 'check that the origin listens at that address and port, and that no firewall is between',
  CONNECTION_LOST: 'check that what listens there speaks HTTP, and TLS where the address begins with https',
  PROTOCOL_ERROR: 'check that what listens there speaks HTTP, and TLS where the address begins with https',
  LOCAL_RESOURCE: 'raise the limit, or lower connectionsMax',
  DEADLINE: 'check that the origin answers at all; if it is far or busy, give warm() a larger budgetMs',
  NO_CREDENTIALS: 'pass credentials, or accessKeyId and secretAccessKey; public buckets take unsigned: true',
  CLOSED: 'open another client',
};

/** Words for the end of a sentence, empty where the library's own say all. `trusted` is where the roots are from. */
export function advice(status: Status, trusted: string): string {
  const trust = `the roots are from ${trusted}; name those of the origin in tlsCaFile`;
  const words = status === 'TLS_FAILED' ? trust : ADVICE[status];
  return words === undefined ? '' : `; ${words}`;
}
