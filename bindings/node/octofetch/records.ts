// The packed results that the addon hands over for a batch, and how one of them is read. Not for users: Result reads them.
import { addon, type PackedInfo, type PackedRecords, type RecordSource } from './native';
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

/** The numbers that record.cpp reads of a result, in its order. */
export enum Column {
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
export type Numbers = Readonly<Record<keyof typeof Column, number>>;

// Of a result in PackedRecords.
const FIELD_COUNT = 3;
const STATUS = 1;
const BODY = 2;

/** Some results of a batch. What nearly nobody looks at is asked for when somebody does, and kept. */
export class Packet {
  readonly length: number;
  readonly #source: RecordSource;
  readonly #records: PackedRecords;
  readonly #first: number;
  #numbers: (Float64Array | undefined)[] | undefined;

  /** `first` is how much stands before the records. */
  constructor(source: RecordSource, records: PackedRecords, first = 0) {
    this.length = (records.length - first) / FIELD_COUNT;
    this.#source = source;
    this.#records = records;
    this.#first = first;
  }

  /** Of the request in its batch. */
  index(position: number): number {
    return this.#records[this.#first + position * FIELD_COUNT] as number;
  }

  status(position: number): Status {
    return statusOf(this.#records[this.#first + position * FIELD_COUNT + STATUS] as number);
  }

  body(position: number): Buffer | undefined {
    return this.#records[this.#first + position * FIELD_COUNT + BODY] as Buffer | undefined;
  }

  number(position: number, column: Column): number {
    const all = (this.#numbers ??= new Array<undefined>(this.length));
    const numbers = (all[position] ??= this.#source.numbers(this.index(position)));
    return numbers[column] ?? 0;
  }

  numbers(position: number): Numbers {
    const names = Object.keys(Column).filter((name) => Number.isNaN(Number(name))) as (keyof typeof Column)[];
    return Object.fromEntries(names.map((name) => [name, this.number(position, Column[name])])) as Numbers;
  }

  phase(position: number): Phase {
    return PHASES[this.number(position, Column.phase)] ?? 'queued';
  }

  source(position: number): Source {
    return SOURCES[this.number(position, Column.source)] ?? 'origin';
  }

  texts(position: number): Texts {
    const parts = this.#source.texts(this.index(position)).split('\0');
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
  const at = (position: number): number => info[position] ?? 0;
  return {
    state: statusOf(at(0)),
    settledCount: at(1),
    okCount: at(2),
    missingCount: at(3),
    lateCount: at(4),
    failedCount: at(5),
    budgetUs: at(6),
    frozenUs: at(7),
    pickupLagUs: at(8),
    bodySize: at(9),
  };
}
