// Ties batches to an AbortSignal for as long as they run.
import type { Batch, OnAbort } from './batch';

let hasWarned = false;

// One listener for each signal, however many batches it is given to: Node warns of more than ten.
const watched = new WeakMap<AbortSignal, Set<() => void>>();

/** Answers what lets go of the signal again; to be called at the freeze. */
export function watch(batch: Batch, signal: AbortSignal, onAbort: OnAbort): () => void {
  const abort = (): void => {
    const reason: unknown = signal.reason;
    if ((reason as Partial<Error> | null | undefined)?.name === 'TimeoutError') warnOfTimeout();
    batch.abort(reason, onAbort);
  };
  if (signal.aborted) {
    abort();
    return () => undefined;
  }
  const aborts = watched.get(signal) ?? listenTo(signal);
  aborts.add(abort);
  return () => {
    if (aborts.delete(abort) && aborts.size === 0) stopListening(signal);
  };
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const aborts = new Set<() => void>();
  watched.set(signal, aborts);
  signal.addEventListener('abort', abortAll);
  return aborts;
}

function stopListening(signal: AbortSignal): void {
  watched.delete(signal);
  signal.removeEventListener('abort', abortAll);
}

function abortAll(this: AbortSignal): void {
  const aborts = [...(watched.get(this) ?? [])];
  stopListening(this);
  for (const abort of aborts) abort();
}

/** A timer of the event loop is late just when the loop is busy. */
function warnOfTimeout(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    'a batch was aborted by a timeout, which is late when the event loop is busy; give it budgetMs, which is not',
    { type: 'OctofetchWarning', code: 'OCTO_ABORTED_BY_TIMEOUT' },
  );
}
