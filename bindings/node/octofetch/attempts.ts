// Attempts: what a batch that keeps them tells of each exchange on the wire.
import { addon, type PackedAttempts } from './native';
import { type Phase, PHASES, REUSED, SETTLED } from './records';
import type { Key } from './request';
import { type Status, statusOf } from './status';

/**
 * Why it was started: the request's first; another address of the origin, as the one before failed or had not connected in
 * time; or again over a fresh connection, as the reused one was dead.
 */
export type AttemptCause = 'first' | 'next_address' | 'rerun';

/** One exchange on the wire, as far as it had come at the freeze. Of a batch that waited for credentials, submit is when it could go. */
export interface Attempt {
  readonly key: Key;
  /** Of the request in its batch. */
  readonly index: number;
  /** 1 for the first of its request. */
  readonly number: number;
  readonly cause: AttemptCause;
  /** How it ended, CANCELLED where another address was faster; or how the batch froze. */
  readonly status: Status;
  /** Where it ended. */
  readonly phase: Phase;
  /** It ended before the batch froze. */
  readonly settled: boolean;
  /** It came over a connection that was open already. */
  readonly reused: boolean;
  /** 0 where there was no response. */
  readonly httpStatus: number;
  readonly address: string;
  readonly bytesReceived: number;
  /** Milliseconds from submit. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Milliseconds in each phase; of one that was cut only the last phase has a time. */
  readonly connectingMs: number;
  readonly securingMs: number;
  readonly waitingMs: number;
  readonly receivingMs: number;
}

/** The numbers of octo_attempt, in its units, in the order of native/attempts.cpp. */
export enum AttemptColumn {
  index,
  number,
  cause,
  status,
  phase,
  flags,
  httpStatus,
  bytesReceived,
  startedUs,
  endedUs,
  connectingUs,
  securingUs,
  waitingUs,
  receivingUs,
}

export const ATTEMPT_COLUMN_COUNT = AttemptColumn.receivingUs + 1;

const CAUSES = [0, 1, 2].map((cause) => addon.attemptCauseName(cause) as AttemptCause);
const US_PER_MS = 1000;

/** In the order they started. */
export function unpackAttempts([numbers, addresses]: PackedAttempts, keyAt: (index: number) => Key): Attempt[] {
  const texts = addresses.split('\0');
  return Array.from({ length: numbers.length / ATTEMPT_COLUMN_COUNT }, (_, position) => {
    const at = (column: AttemptColumn): number => numbers[position * ATTEMPT_COLUMN_COUNT + column] ?? 0;
    return {
      key: keyAt(at(AttemptColumn.index)),
      index: at(AttemptColumn.index),
      number: at(AttemptColumn.number),
      cause: CAUSES[at(AttemptColumn.cause)] as AttemptCause,
      status: statusOf(at(AttemptColumn.status)),
      phase: PHASES[at(AttemptColumn.phase)] ?? 'connecting',
      settled: (at(AttemptColumn.flags) & SETTLED) !== 0,
      reused: (at(AttemptColumn.flags) & REUSED) !== 0,
      httpStatus: at(AttemptColumn.httpStatus),
      address: texts[position] ?? '',
      bytesReceived: at(AttemptColumn.bytesReceived),
      startedMs: at(AttemptColumn.startedUs) / US_PER_MS,
      endedMs: at(AttemptColumn.endedUs) / US_PER_MS,
      connectingMs: at(AttemptColumn.connectingUs) / US_PER_MS,
      securingMs: at(AttemptColumn.securingUs) / US_PER_MS,
      waitingMs: at(AttemptColumn.waitingUs) / US_PER_MS,
      receivingMs: at(AttemptColumn.receivingUs) / US_PER_MS,
    };
  });
}
