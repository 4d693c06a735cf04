// The packed results that the addon hands over for a batch, and how one of them is read. Not for users: Result reads them.
import { addon, type PackedInfo, type PackedRecords, type TextSource } from './native';
import { type Status, statusOf } from './status';

/** Where the time of a request goes, in this order. */
export type Phase = 'queued' | 'resolving' | 'connecting' | 'securing' | 'waiting' | 'receiving';

/** Where the bytes of an ok result came from. */
export type Source = 'origin' | 'cache' | 'revalidated' | 'stale' | 'coalesced';

export const SETTLED = 1;
export const REUSED = 2;
export const HEDGED = 4;
export const PARTIAL = 8;

export const PHASES: readonly Phase[] = [0, 1, 2, 3, 4, 5].map((phase) => addon.phaseName(phase) as Phase);
const SOURCES: readonly Source[] = [0, 1, 2, 3, 4].map((source) => addon.sourceName(source) as Source);

/** What record.cpp writes for each result, in its order. */
export enum Column {
  status,
  source,
  phase,
  flags,
  httpStatus,
  attempts,
  bytesReceived,
  objectSize,
  settledUs,
  sinceUs,
  queuedUs,
  resolvingUs,
  connectingUs,
  securingUs,
  waitingUs,
  receivingUs,
}

export const COLUMN_COUNT = Column.receivingUs + 1;

/** Of octo_result; an absent one is empty. */
export interface Texts {
  message: string;
  address: string;
  errorCode: string;
  requestId: string;
  extendedRequestId: string;
  /** By their name in lower case; of a header that came twice the values are joined. */
  headers: Record<string, string>;
}

const TEXT_COUNT = 5;

/** All numbers of octo_result, in its units. */
export type Numbers = Readonly<Record<Exclude<keyof typeof Column, 'status'>, number>>;

export class Packet {
  readonly indexes: Uint32Array;
  readonly bodies: (Buffer | undefined)[];
  readonly #numbers: Float64Array;
  readonly #texts: TextSource;

  constructor([indexes, numbers, texts, bodies]: PackedRecords) {
    this.indexes = indexes;
    this.bodies = bodies;
    this.#numbers = numbers;
    this.#texts = texts;
  }

  number(position: number, column: Column): number {
    return this.#numbers[position * COLUMN_COUNT + column] ?? 0;
  }

  numbers(position: number): Numbers {
    const names = Object.keys(Column).filter((name) => Number.isNaN(Number(name))) as (keyof typeof Column)[];
    const wanted = names.filter((name) => name !== 'status');
    return Object.fromEntries(wanted.map((name) => [name, this.number(position, Column[name])])) as Numbers;
  }

  status(position: number): Status {
    return statusOf(this.number(position, Column.status));
  }

  phase(position: number): Phase {
    return PHASES[this.number(position, Column.phase)] ?? 'queued';
  }

  source(position: number): Source {
    return SOURCES[this.number(position, Column.source)] ?? 'origin';
  }

  texts(position: number): Texts {
    const parts = this.#texts.texts(this.indexes[position] ?? 0).split('\0');
    const headers: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let at = TEXT_COUNT; at + 1 < parts.length; at += 2) {
      const name = parts[at] ?? '';
      const value = parts[at + 1] ?? '';
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const [message = '', address = '', errorCode = '', requestId = '', extendedRequestId = ''] = parts;
    return { message, address, errorCode, requestId, extendedRequestId, headers };
  }
}

/** The numbers of octo_batch_info. */
export interface BatchInfo {
  readonly state: Status;
  readonly settledCount: number;
  readonly okCount: number;
  readonly missingCount: number;
  readonly lateCount: number;
  readonly failedCount: number;
  readonly budgetUs: number;
  readonly frozenUs: number;
  readonly pickupLagUs: number;
  readonly bodySize: number;
}

export function unpackInfo(info: PackedInfo): BatchInfo {
  const [state = 0, settledCount = 0, okCount = 0, missingCount = 0, lateCount = 0] = info;
  const [failedCount = 0, budgetUs = 0, frozenUs = 0, pickupLagUs = 0, bodySize = 0] = info.slice(5);
  const counts = { settledCount, okCount, missingCount, lateCount, failedCount };
  return { state: statusOf(state), ...counts, budgetUs, frozenUs, pickupLagUs, bodySize };
}
