import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChaosEnvironment } from './chaos-environment.ts';

const COMMANDS = fileURLToPath(new URL('../../src/cli', import.meta.url));
const PAUSE_MS = 1_000;

export interface CommandOptions {
  readonly environment: ChaosEnvironment;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a command of src/cli/ until it exits with 0, as an operator would repeat it.
 * @throws Error that names its log when it fails every time.
 */
export async function runUntilSuccess(
  name: string,
  args: readonly string[],
  tries: number,
  { environment, directory, signal }: CommandOptions,
): Promise<void> {
  const logFile = path.join(directory, 'logs', `${name}.log`);
  for (let left = tries; left > 0; left -= 1) {
    signal.throwIfAborted();
    const command = await environment.servers.guard.spawnGuarded(
      name,
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(COMMANDS, `${name}.ts`), ...args],
      { env: environment.variables, logFile },
    );
    const { code } = await command.ended;
    if (code === 0) return;
    await delay(PAUSE_MS);
  }
  throw new Error(`The command ${name} failed ${String(tries)} times; see ${logFile}.`);
}
