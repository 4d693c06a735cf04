// How one request ended: status, body, headers, and where its time went.
//
// Every entry of the package leads here, so that this line brings the types of Node to users whose settings name none; TypeScript
// from 6.0 on brings none by itself. Without `preserve` the compiler leaves it out of the declarations.
/// <reference types="node" preserve="true" />
import { inspect } from 'node:util';

import { decoded, textOf } from './decode';
import { FetchError } from './errors';
import { Column, HEDGED, type Numbers, type Packet, PARTIAL, type Phase, REUSED, SETTLED, type Source, type Texts } from './records';
import type { Key } from './request';
import { isSuccess, type Status } from './status';

// Where Buffer is generic, of an ArrayBuffer and not of what may be shared memory, which Blob and crypto.subtle do not take.
type OwnBuffer = ReturnType<typeof Buffer.alloc>;

/** A Buffer whose memory is its own: writing into it shows nowhere else. */
export interface Body extends OwnBuffer {
  readonly buffer: ArrayBuffer;
}

/** Milliseconds from submit to the end, and in each phase; of an unsettled request only the last phase has a time. */
export interface Timings {
  readonly totalMs: number;
  readonly queuedMs: number;
  readonly resolvingMs: number;
  readonly connectingMs: number;
  readonly securingMs: number;
  readonly waitingMs: number;
  readonly receivingMs: number;
}

/** What every result has. */
export interface Outcome {
  readonly key: Key;
  readonly status: Status;
  /** One sentence on why it ended so; empty for a body. */
  readonly message: string;
  /** The kept response headers by their name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** 0 where there was no response. */
  readonly httpStatus: number;
  /** Where it ended. */
  readonly phase: Phase;
  readonly attempts: number;
  /** Of the origin, the last one tried: `192.0.2.7:443`. */
  readonly address: string;
  /** The origin's, such as S3's NoSuchKey. */
  readonly errorCode: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly timings: Timings;
  /** All numbers of octo_result, in its units. */
  readonly numbers: Numbers;
  /** It ended before the batch froze. */
  readonly settled: boolean;
  /** It came over a connection that was open already. */
  readonly reused: boolean;
  readonly hedged: boolean;
  readonly bytesReceived: number;
  /** Without the body. */
  toJSON(): Record<string, unknown>;
}

/** The body is there; or, with ifNoneMatch alone, NOT_MODIFIED says that the one you have is right. */
export interface Success extends Outcome {
  readonly ok: true;
  readonly status: 'OK' | 'NOT_MODIFIED';
  /** Of NOT_MODIFIED there is none, and asking for it throws. */
  readonly body: Body;
  readonly source: Source;
  /** The body is a range of the object. */
  readonly partial: boolean;
  /** Of the whole object. */
  readonly objectSize: number;
  /** In the charset of its Content-Type, or UTF-8; gzip and deflate are undone. */
  text(encoding?: string): string;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what the caller knows of it
  json<T = unknown>(): T;
}

/** There is no body; `error` is what `get` would reject with. */
export interface Failure extends Outcome {
  readonly ok: false;
  readonly status: Exclude<Status, 'OK' | 'NOT_MODIFIED'>;
  readonly error: FetchError;
}

export type Result = Success | Failure;

const US_PER_MS = 1000;

class Entry {
  readonly #packet: Packet;
  readonly #position: number;
  readonly #sizeMax: number;
  #texts: Texts | undefined;
  #error: FetchError | undefined;

  constructor(
    readonly key: Key,
    packet: Packet,
    position: number,
    sizeMax: number,
  ) {
    this.#packet = packet;
    this.#position = position;
    this.#sizeMax = sizeMax;
  }

  get status(): Status {
    return this.#packet.status(this.#position);
  }

  get ok(): boolean {
    return isSuccess(this.status);
  }

  get error(): FetchError | undefined {
    if (this.ok) return undefined;
    return (this.#error ??= new FetchError(this.#self));
  }

  get body(): Buffer {
    const body = this.#packet.body(this.#position);
    if (body === undefined) throw this.error ?? new FetchError(this.#self);
    return body;
  }

  text(encoding?: string): string {
    return textOf(this.#decoded(), this.headers, encoding);
  }

  json(): unknown {
    return JSON.parse(textOf(this.#decoded(), {}, 'utf-8'));
  }

  get message(): string {
    return this.#unpacked.message;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#unpacked.headers;
  }

  get address(): string {
    return this.#unpacked.address;
  }

  get errorCode(): string {
    return this.#unpacked.errorCode;
  }

  get requestId(): string {
    return this.#unpacked.requestId;
  }

  get extendedRequestId(): string {
    return this.#unpacked.extendedRequestId;
  }

  get httpStatus(): number {
    return this.#number(Column.httpStatus);
  }

  get phase(): Phase {
    return this.#packet.phase(this.#position);
  }

  get source(): Source {
    return this.#packet.source(this.#position);
  }

  get attempts(): number {
    return this.#number(Column.attempts);
  }

  get bytesReceived(): number {
    return this.#number(Column.bytesReceived);
  }

  get objectSize(): number {
    return this.#number(Column.objectSize);
  }

  get timings(): Timings {
    return {
      totalMs: this.#ms(Column.settledUs),
      queuedMs: this.#ms(Column.queuedUs),
      resolvingMs: this.#ms(Column.resolvingUs),
      connectingMs: this.#ms(Column.connectingUs),
      securingMs: this.#ms(Column.securingUs),
      waitingMs: this.#ms(Column.waitingUs),
      receivingMs: this.#ms(Column.receivingUs),
    };
  }

  get numbers(): Numbers {
    return this.#packet.numbers(this.#position);
  }

  get settled(): boolean {
    return this.#has(SETTLED);
  }

  get reused(): boolean {
    return this.#has(REUSED);
  }

  get hedged(): boolean {
    return this.#has(HEDGED);
  }

  get partial(): boolean {
    return this.#has(PARTIAL);
  }

  toJSON(): Record<string, unknown> {
    const { status, ok, httpStatus, phase, attempts, address, timings, message, errorCode, requestId } = this;
    const key = typeof this.key === 'string' ? this.key : { base64: Buffer.from(this.key).toString('base64') };
    const how = { key, ok, status, httpStatus, phase, attempts, address, timings };
    const body = this.#packet.body(this.#position);
    return body === undefined ? { ...how, message, errorCode, requestId } : { ...how, bodySize: body.length };
  }

  [inspect.custom](): string {
    const body = this.#packet.body(this.#position);
    return `<Result ${inspect(this.key)} ${this.status}: ${body === undefined ? this.message : `${body.length} bytes`}>`;
  }

  get #self(): Result {
    return this as unknown as Result;
  }

  get #unpacked(): Texts {
    return (this.#texts ??= this.#packet.texts(this.#position));
  }

  #decoded(): Buffer {
    return decoded(this.body, this.headers, this.#sizeMax);
  }

  #number(column: Column): number {
    return this.#packet.number(this.#position, column);
  }

  #ms(column: Column): number {
    return this.#number(column) / US_PER_MS;
  }

  #has(flag: number): boolean {
    return (this.#number(Column.flags) & flag) !== 0;
  }
}

/** Reads one result of a packet; what is packed is unpacked when somebody looks. */
export function readResult(key: Key, packet: Packet, position: number, sizeMax: number): Result {
  return new Entry(key, packet, position, sizeMax) as unknown as Result;
}
