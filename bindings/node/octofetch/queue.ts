// How batches wake this thread of JavaScript: a call from the addon for each that has something new, handed on here.
// A worker has a queue of its own, and so has each copy of this module, also where Node gives several copies one addon: a test
// runner or a development server evaluates modules anew, and addons it cannot.
//
// A loop that is late runs its timers first, and hears of other threads only after all that its sockets brought meanwhile.
// Therefore a timer beside each batch asks for it at its deadline; whoever is first has it.
import { SYSTEM_CLOCK } from './clock';
import { addon, INFO_COUNT, type PackedInfo } from './native';
import { type BatchInfo, Packet, unpackInfo } from './records';
import { type Status, STATUS_NUMBERS, statusOf } from './status';

/** Who waits for a batch. */
export interface Taker {
  /** An info says that it is frozen, and that nothing more will come. */
  take(packet: Packet | undefined, info: BatchInfo | undefined): void;
  /** What there is could not be read, and nothing more will come. */
  fail(reason: unknown): void;
}

/** What a call that blocks a thread of its own has answered. */
export interface Answer {
  status: Status;
  text: string;
}

interface Expected {
  taker: Taker;
  stopTimer: () => void;
}

const batches = new Map<number, Expected>();
const answers = new Map<number, (answer: Answer) => void>();
let lastTag = 0;

export const listener = addon.listen(
  (tag, source, ...values) => {
    const taker = batches.get(tag)?.taker;
    const isFrozen = values[0] !== STATUS_NUMBERS.AGAIN;
    if (isFrozen) forget(tag);
    const packet = values.length > INFO_COUNT ? new Packet(source, values, INFO_COUNT) : undefined;
    const info = isFrozen ? unpackInfo(values as PackedInfo) : undefined;
    contained(() => taker?.take(packet, info));
  },
  (tag, reason) => {
    const taker = batches.get(tag)?.taker;
    forget(tag);
    contained(() => taker?.fail(reason));
  },
  (token, status, text) => {
    const answer = answers.get(token);
    answers.delete(token);
    letGo();
    answer?.({ status: statusOf(status), text });
  },
);

/** What goes wrong with one batch keeps nothing from another; it is thrown where the process hears of it. */
function contained(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** A tag for a batch, whose events `taker` gets until its freeze. It keeps the process alive until then. */
export function expect(taker: Taker): number {
  hold();
  batches.set(++lastTag, { taker, stopTimer: () => {} });
  return lastTag;
}

/** From its submit on. */
export function deliverBy(deadlineUs: number, tag: number): void {
  const expected = batches.get(tag);
  if (expected === undefined) return;
  const leftMs = Math.ceil(Math.max(0, deadlineUs - addon.nowUs()) / 1000);
  expected.stopTimer = SYSTEM_CLOCK.after(leftMs, () => {
    addon.deliver(listener, tag);
    // The loop's own time, from which a timer counts, may be older than ours: then this was too early.
    deliverBy(deadlineUs, tag);
  });
}

export function forget(tag: number): void {
  batches.get(tag)?.stopTimer();
  if (batches.delete(tag)) letGo();
}

/** Calls what blocks, with a token for its answer. */
export function answerTo(call: (token: number) => void): Promise<Answer> {
  return new Promise((resolve) => {
    const token = ++lastTag;
    call(token);
    hold();
    answers.set(token, resolve);
  });
}

function hold(): void {
  if (batches.size + answers.size === 0) addon.hold(listener, true);
}

function letGo(): void {
  if (batches.size + answers.size === 0) addon.hold(listener, false);
}
