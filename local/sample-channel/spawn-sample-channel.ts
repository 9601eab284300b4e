import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SampleChannelOptions } from './start-sample-channel.ts';

const addressesSchema = z.object({
  extraArguments: z.string(),
  mediaUrl: z.url(),
  controlUrl: z.url(),
});

export type SpawnedSampleChannel = z.output<typeof addressesSchema> & {
  readonly pid: number;
  close(): Promise<void>;
};

/** Long enough to generate the audio on a slow machine. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 5000;
const KEPT_STDERR_CHARACTERS = 2000;

/**
 * Starts a sample channel in another process, so that it responds while the event loop of this one is busy. It ends with
 * `close()` and also when this process dies.
 * @throws Error with the end of its output when it does not start.
 */
export async function spawnSampleChannel(options: SampleChannelOptions): Promise<SpawnedSampleChannel> {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [program, '--until-input-ends', '--options', JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let lastOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastOutput = (lastOutput + text).slice(-KEPT_STDERR_CHARACTERS);
  });
  // The pipe breaks when the child ends first; its `close` event reports that.
  child.stdin.on('error', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('error', reject);
  child.once('close', (code, signal) => {
    reject(new Error(`The sample channel ended (${code ?? signal ?? 'unknown'}): ${lastOutput.trim()}`));
  });
  createInterface({ input: child.stdout }).once('line', resolve);
  const timer = setTimeout(() => {
    reject(new Error('The sample channel did not start in time.'));
  }, START_TIMEOUT_MS);
  try {
    const addresses = addressesSchema.parse(JSON.parse(await promise));
    if (child.pid === undefined) throw new Error('The sample channel has no process id.');
    return { ...addresses, pid: child.pid, close: () => stop(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the child by closing its standard input, after a timeout with SIGKILL. */
async function stop(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.stdin?.end();
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}
