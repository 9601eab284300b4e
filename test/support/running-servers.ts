/** How to stop what `global-set-up.ts` started, for `global-tear-down.ts`: both run in the process of Jest. */
const stops: (() => Promise<void>)[] = [];

/** Adds something to stop after the run. */
export function rememberForTearDown(stop: () => Promise<void>): void {
  stops.push(stop);
}

/** Stops everything in the order in which it was added: the servers, then their data. */
export async function tearDown(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
}
