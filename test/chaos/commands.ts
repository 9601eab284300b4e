import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Stage } from './stage.ts';

const COMMANDS = fileURLToPath(new URL('../../src/cli', import.meta.url));
const PAUSE_MS = 1_000;

/** Where the commands of a run write and what ends their repetition. */
export interface CommandSetting {
  readonly stage: Stage;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a command of src/cli/ until it ends well, as a person would who was told to try again.
 * @throws Error that names its log when it never does.
 */
export async function runUntilWell(
  name: string,
  args: readonly string[],
  tries: number,
  { stage, directory, signal }: CommandSetting,
): Promise<void> {
  const logFile = path.join(directory, 'logs', `${name}.log`);
  for (let left = tries; left > 0; left -= 1) {
    signal.throwIfAborted();
    const command = await stage.servers.guard.spawnGuarded(
      name,
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(COMMANDS, `${name}.ts`), ...args],
      { env: stage.environment, logFile },
    );
    const { code } = await command.ended;
    if (code === 0) return;
    await delay(PAUSE_MS);
  }
  throw new Error(`The command ${name} failed ${String(tries)} times; see ${logFile}.`);
}
