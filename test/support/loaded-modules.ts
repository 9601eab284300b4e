import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import process from 'node:process';

const LIST = new URL('list-loaded-modules.mjs', import.meta.url).href;

export interface LoadedRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The URLs of all modules that it loaded, without those of Node. */
  readonly files: readonly string[];
  /** The npm packages among them. */
  readonly packages: ReadonlySet<string>;
}

/** Runs Node to its end and counts what it loads: counts are the same on every machine, unlike times. */
export async function runCounted(
  args: readonly string[],
  options: { readonly cwd?: string; readonly variables?: Readonly<Record<string, string>> } = {},
): Promise<LoadedRun> {
  const child = spawn(process.execPath, [`--import=${LIST}`, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.variables },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, list, exitCode] = await Promise.all([
    ...[child.stdout, child.stderr, child.stdio[3]].map((stream) => text(stream as Readable)),
    ended,
  ] as [Promise<string>, Promise<string>, Promise<string>, typeof ended]);
  const files = list.split('\n').filter((url) => url.startsWith('file:'));
  const packages = files.flatMap((url) => {
    const [scope, name] = url.split('/node_modules/').at(-1)?.split('/') ?? [];
    if (!url.includes('/node_modules/') || scope === undefined) return [];
    return [scope.startsWith('@') ? `${scope}/${name ?? ''}` : scope];
  });
  return { exitCode, stdout, stderr, files, packages: new Set(packages) };
}
