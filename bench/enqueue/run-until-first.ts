import { spawn } from 'node:child_process';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from '../support/bench-servers.ts';

const POLL_MS = 5;
const KEPT_CHARACTERS = 2_000;

/**
 * Runs a program to its end.
 * @param hasFirst what tells of its first result
 * @returns seconds in total and until then
 * @throws Error when it fails
 */
export async function runUntilFirst(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  hasFirst: 'output' | (() => Promise<boolean>),
): Promise<{ readonly seconds: number; readonly firstSeconds: number }> {
  const startedAt = performance.now();
  const secondsNow = () => (performance.now() - startedAt) / 1000;
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const state = { hasOutput: false, endedAfter: undefined as number | undefined };
  child.stdout.on('data', () => (state.hasOutput = true));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      state.endedAfter = secondsNow();
      resolve(code);
    });
  });
  let firstSeconds: number | undefined;
  while (firstSeconds === undefined && state.endedAfter === undefined) {
    if (hasFirst === 'output' ? state.hasOutput : await hasFirst()) firstSeconds = secondsNow();
    else await delay(POLL_MS);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${said}`);
  const seconds = state.endedAfter ?? secondsNow();
  return { seconds, firstSeconds: firstSeconds ?? seconds };
}
