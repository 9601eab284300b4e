/** Measures work from its start to its end. */
export async function measure<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly seconds: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - startedAt) / 1000 };
}

/** The seconds of the fastest of several rounds: other programs on the machine can only make a round slower. */
export async function bestSeconds(rounds: number, work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) best = Math.min(best, (await measure(work)).seconds);
  return best;
}
