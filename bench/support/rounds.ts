/** One of several programs or ways that are compared. */
export interface Subject<T> {
  readonly name: string;
  readonly run: () => Promise<T>;
}

/**
 * Runs the subjects in turn, in the opposite order in every other round, so that a machine that is slow for a while is slow for all of
 * them.
 * @param onLine is told how far it is; standard error by default
 * @returns the results of each, by its name
 */
export async function alternate<T>(
  rounds: number,
  subjects: readonly Subject<T>[],
  onLine: (line: string) => void = (line) => {
    console.error(line);
  },
): Promise<ReadonlyMap<string, readonly T[]>> {
  const results = new Map<string, T[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      onLine(`round ${String(round + 1)} of ${String(rounds)}: ${name}`);
      results.get(name)?.push(await run());
    }
  }
  return results;
}
