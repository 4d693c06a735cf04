// The statuses that a request or a call can end with; docs/statuses.md says what each means.

/** By their number in octofetch.h. */
export const STATUS_NUMBERS = {
  OK: 0,
  NOT_MODIFIED: 1,
  NOT_FOUND: 2,
  FORBIDDEN: 3,
  REDIRECTED: 4,
  THROTTLED: 5,
  SERVER_ERROR: 6,
  CLIENT_ERROR: 7,
  RESOLVE_FAILED: 8,
  CONNECT_FAILED: 9,
  TLS_FAILED: 10,
  CONNECTION_LOST: 11,
  PROTOCOL_ERROR: 12,
  TRUNCATED: 13,
  CORRUPT: 14,
  RANGE_NOT_SATISFIABLE: 15,
  MODIFIED: 16,
  TOO_LARGE: 17,
  NO_MEMORY: 18,
  LOCAL_RESOURCE: 19,
  NO_CREDENTIALS: 20,
  INVALID_KEY: 21,
  DEADLINE: 22,
  CANCELLED: 23,
  SHED: 24,
  CIRCUIT_OPEN: 25,
  CLOSED: 26,
  FORKED: 27,
  INTERNAL: 28,
  INVALID_ARGUMENT: 64,
  UNSUPPORTED: 65,
  AGAIN: 66,
  END: 67,
} as const;

/** How a request ended, or what a call was refused with. */
export type Status = keyof typeof STATUS_NUMBERS;

const NAMES = new Map<number, Status>(
  Object.entries(STATUS_NUMBERS).map(([name, number]): [number, Status] => [number, name as Status]),
);

export function statusOf(number: number): Status {
  return NAMES.get(number) ?? 'INTERNAL';
}

export function isSuccess(status: Status): boolean {
  return status === 'OK' || status === 'NOT_MODIFIED';
}

export function isLate(status: Status): boolean {
  return status === 'DEADLINE' || status === 'SHED';
}
