// Ties a batch to an AbortSignal for as long as it runs.
import type { Batch, OnAbort } from './batch';

let hasWarned = false;

/** Answers what takes the listener away again; to be called at the freeze. */
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
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
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
