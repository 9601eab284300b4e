import type { StartedServers } from '../../local/servers/start-servers.ts';

/** What `global-set-up.ts` started, for `global-tear-down.ts`: both run in Jest's own process. */
export interface RunningServers {
  readonly servers: StartedServers;
  readonly directory: string;
}

let running: RunningServers | undefined;

/** Keeps what has to be ended after the run. */
export function rememberForTearDown(started: RunningServers): void {
  running = started;
}

/** What has to be ended; undefined when the set-up did not come that far. */
export function takeForTearDown(): RunningServers | undefined {
  const taken = running;
  running = undefined;
  return taken;
}
