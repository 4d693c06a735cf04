// How batches wake this thread of JavaScript: one call from the addon for all that has happened since, handed on here.
// A worker has a queue of its own, and so has each copy of this module.
import { addon, type PackedInfo, type PackedRecords } from './native';
import { type BatchInfo, Packet, unpackInfo } from './records';
import { type Status, statusOf } from './status';

/** Who waits for a batch. An info says that it is frozen, and that nothing more will come. */
export type Take = (packet: Packet | undefined, info: BatchInfo | undefined) => void;

/** What a call that blocks a thread of its own has answered. */
export interface Answer {
  status: Status;
  text: string;
}

const batches = new Map<number, Take>();
const answers = new Map<number, (answer: Answer) => void>();
let lastTag = 0;

addon.listen((events, answered) => {
  for (let at = 0; at < events.length; at += 3) {
    const tag = events[at] as number;
    const packet = events[at + 1] as PackedRecords | undefined;
    const info = events[at + 2] as PackedInfo | undefined;
    const take = batches.get(tag);
    if (info !== undefined) forget(tag);
    take?.(packet && new Packet(packet), info && unpackInfo(info));
  }
  for (let at = 0; at < answered.length; at += 3) {
    const token = answered[at] as number;
    const answer = answers.get(token);
    answers.delete(token);
    letGo();
    answer?.({ status: statusOf(answered[at + 1] as number), text: answered[at + 2] as string });
  }
});

/** A tag for a batch; `take` is called for its events, until its freeze. It keeps the process alive until then. */
export function expect(take: Take): number {
  hold();
  batches.set(++lastTag, take);
  return lastTag;
}

export function forget(tag: number): void {
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
  if (batches.size + answers.size === 0) addon.hold(true);
}

function letGo(): void {
  if (batches.size + answers.size === 0) addon.hold(false);
}
