import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChildOutcome } from '../../src/runtime/child-process.ts';
import { runYtDlp } from '../../src/media/yt-dlp-process.ts';
import { eventually } from '../support/eventually.ts';
import { mediaConfig } from '../support/media-environment.ts';
import { childrenOf, isAlive } from '../support/process-tree.ts';

/** Takes connections and says nothing, so that a run waits until it is stopped. */
const silent = createServer();
const { ytDlpPath } = mediaConfig();

let directory: string;
let waiting: readonly string[];
let aborts: AbortController[] = [];
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-resident-'));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  waiting = ['--socket-timeout', '600', '--proxy', '', `http://127.0.0.1:${String(port)}/secret`];
});
afterEach(() => {
  for (const abort of aborts) abort.abort();
  aborts = [];
});
afterAll(async () => {
  silent.close();
  await rm(directory, { recursive: true, force: true });
});

/** Runs a yt-dlp of its own name, which has a resident process of its own. */
function start(name: string, configuration: readonly string[], isResident = true) {
  const abort = new AbortController();
  aborts.push(abort);
  const lines: string[] = [];
  const outcome = runYtDlp(
    path.join(directory, name),
    { configuration, directory, isResident },
    {
      signal: abort.signal,
      stallMs: 60_000,
      deadlineMs: 60_000,
      onStdoutLine: (line) => {
        lines.push(line);
        return undefined;
      },
    },
  );
  return { outcome, lines, abort };
}

const program = (name: string) => symlink(ytDlpPath, path.join(directory, name));

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}

/** The resident processes of this process that run. */
async function residents(): Promise<number[]> {
  const found = await Promise.all(
    childrenOf(process.pid).map(async (pid) => ((await commandOf(pid)).includes('fork_server') ? [pid] : [])),
  );
  return found.flat().filter(isAlive);
}

/** Starts a run that waits. @returns it with its process and the resident one that forked it */
async function startWaiting(name: string) {
  const before = new Set(await residents());
  const connected = once(silent, 'connection');
  const run = start(name, waiting);
  // Only then is it certain that it is connected to this process as well.
  await connected;
  const server = (await residents()).find((pid) => !before.has(pid)) ?? 0;
  return { ...run, server, forked: childrenOf(server)[0] ?? 0 };
}

const ended = (outcome: Promise<ChildOutcome>) => outcome.then(({ exitCode, signal }) => exitCode ?? signal);

describe('the resident yt-dlp', () => {
  test('forks runs with the output and the exit code of a run that is started anew', async () => {
    await program('same');
    for (const configuration of [['--version'], ['--no-such-option'], ['ftp://nowhere/']]) {
      const forked = start('same', configuration);
      const anew = start('same', configuration, false);
      const withoutNotice = ({ stderrTail, ...rest }: ChildOutcome) => ({
        ...rest,
        stderrTail: stderrTail.replace(/^Reading options from STDIN.*(?:\n|$)/m, ''),
      });
      expect(withoutNotice(await forked.outcome)).toEqual(withoutNotice(await anew.outcome));
      expect(forked.lines).toEqual(anew.lines);
    }
  });

  test('knows the version of Node that a run started anew asks for', async () => {
    await program('runtime');
    const configuration = ['--verbose', '--js-runtimes', `node:${process.execPath}`, 'ftp://nowhere/'];
    const runtimeOf = async (isResident: boolean) =>
      /^.*JS runtimes:.*$/m.exec((await start('runtime', configuration, isResident).outcome).stderrTail)?.[0];
    const known = await runtimeOf(true);
    expect(known).toContain(process.versions.node);
    expect(known).toBe(await runtimeOf(false));
  });

  test('does not show arguments to other users of the machine', async () => {
    await program('secret');
    const { forked } = await startWaiting('secret');
    expect(await commandOf(forked)).not.toContain('secret');
  });

  test('a run that is stopped ends its process and no other', async () => {
    await program('stopped');
    const { outcome, abort, server, forked } = await startWaiting('stopped');
    const other = start('stopped', waiting);
    await eventually(
      'a second process',
      () => childrenOf(server).length,
      (count) => count === 2,
    );
    abort.abort();
    expect(await outcome).toMatchObject({ endedBy: 'abort' });
    // The system closes the files of a process, by which its end is known, before it removes the process.
    await eventually(
      'the end of the process',
      () => isAlive(forked),
      (isRunning) => !isRunning,
    );
    expect(isAlive(server)).toBe(true);
    expect(childrenOf(server)).toHaveLength(1);
    other.abort.abort();
    await other.outcome;
  });

  test('a run whose process is killed says so', async () => {
    await program('killed');
    const { outcome, forked } = await startWaiting('killed');
    process.kill(forked, 'SIGKILL');
    expect(await ended(outcome)).toBe('SIGKILL');
  });

  test('when it is killed, its runs go on, and another one is started', async () => {
    await program('lost');
    const { outcome, abort, server, forked } = await startWaiting('lost');
    process.kill(server, 'SIGKILL');
    expect(await ended(start('lost', ['--version']).outcome)).toBe(0);
    expect(isAlive(forked)).toBe(true);
    abort.abort();
    expect(await outcome).toMatchObject({ endedBy: 'abort' });
    expect(isAlive(forked)).toBe(false);
  });

  test('when it does not answer, the run is started anew and the resident process is ended', async () => {
    await program('silent');
    const { server } = await startWaiting('silent');
    process.kill(server, 'SIGSTOP');
    expect(await ended(start('silent', ['--version']).outcome)).toBe(0);
    await eventually(
      'the end of the resident process',
      () => isAlive(server),
      (alive) => !alive,
    );
  });

  test('a yt-dlp that is replaced gets a resident process of its own', async () => {
    await program('replaced');
    const { server } = await startWaiting('replaced');
    await rm(path.join(directory, 'replaced'));
    await symlink('/bin/false', path.join(directory, 'replaced'));
    expect(await ended(start('replaced', []).outcome)).toBe(1);
    await eventually(
      'the end of the resident process',
      () => isAlive(server),
      (alive) => !alive,
    );
  });
});
