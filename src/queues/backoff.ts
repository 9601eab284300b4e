/** A source of randomness in [0, 1); injected by tests. */
export type Random = () => number;

/**
 * How long a video waits in the retry queue after the failure of a round: full jitter under a doubling cap
 * ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), never under the minimum.
 * @param round 0 for the first failure.
 * @returns milliseconds in [minDelayMs, maxDelayMs].
 */
export function retryDelayMs(
  round: number,
  limits: { readonly minDelayMs: number; readonly maxDelayMs: number },
  random: Random = Math.random,
): number {
  const { minDelayMs, maxDelayMs } = limits;
  const cap = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(round + 1, 40));
  return Math.round(minDelayMs + random() * (cap - minDelayMs));
}

/**
 * The pause before the next attempt within a queue: doubling, half of it jitter.
 * @param attemptsMade 1 after the first failure.
 */
export function attemptDelayMs(attemptsMade: number, baseMs: number, random: Random = Math.random): number {
  const full = baseMs * 2 ** Math.min(Math.max(attemptsMade, 1) - 1, 10);
  return Math.round(full / 2 + (random() * full) / 2);
}
