import { rmSync } from 'node:fs';
import { takeForTearDown } from './running-servers.ts';

/** Ends the servers of the run and removes their data. */
export default async function globalTearDown(): Promise<void> {
  const running = takeForTearDown();
  if (running === undefined) return;
  await running.servers.close();
  rmSync(running.directory, { recursive: true, force: true });
}
