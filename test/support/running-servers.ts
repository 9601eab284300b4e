/** What `global-set-up.ts` started, for `global-tear-down.ts`: both run in Jest's own process. */
const endings: (() => Promise<void>)[] = [];

/** Keeps how to end something after the run. */
export function rememberForTearDown(end: () => Promise<void>): void {
  endings.push(end);
}

/** Ends everything in the order in which it was remembered: the servers, then what they kept on disk. */
export async function tearDown(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}
