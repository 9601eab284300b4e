import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf, isAlive } from '../support/process-tree.ts';
import { Programs, type Program } from '../support/program.ts';
import { startUrlProxy } from '../support/tcp-proxy.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

/** Signals within half a second of each other count as one. */
const APART_MS = 1_000;
const LIST_ID = generatedPlaylistId(2_000);

let environment: TestEnvironment;
let programs: Programs;

beforeEach(async () => {
  environment = await openTestEnvironment({ DASHBOARD_PORT: '0', LOG_LEVEL: 'info' });
  programs = new Programs();
});
afterEach(async () => {
  await programs.end();
  await environment.close();
});

function start(name: string, args: readonly string[], variables: Record<string, string> = {}): Program {
  return programs.start(name, args, {
    directory: environment.directory,
    variables: { ...environment.variables, ...variables },
  });
}

/** The processes that a process has started, directly or not. */
function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

const waitForEndOf = (descendants: readonly number[]) =>
  eventually(
    'the end of all that it had started',
    () => descendants.filter(isAlive),
    (alive) => alive.length === 0,
    30_000,
  );

describe('a second signal ends what the first did not', () => {
  test('enqueue: at once, with its child processes', async () => {
    const stubborn = path.join(environment.directory, 'stubborn');
    await writeFile(stubborn, "#!/bin/sh\ntrap '' TERM INT\nwhile :; do sleep 1; done\n");
    await chmod(stubborn, 0o700);
    const enqueue = start('enqueue', [LIST_ID], { YTDLP_PATH: stubborn });
    const descendants = await eventually(
      'yt-dlp',
      () => descendantsOf(enqueue.pid),
      (pids) => pids.length >= 2,
      60_000,
    );
    await delay(500);
    const all = [...new Set([...descendants, ...descendantsOf(enqueue.pid)])];
    enqueue.kill('SIGINT');
    await delay(APART_MS);
    const secondSignalAt = performance.now();
    enqueue.kill('SIGINT');
    expect(await enqueue.ended).toBe(130);
    // Well before the deadline at which its child processes are killed.
    expect(performance.now() - secondSignalAt).toBeLessThan(1_500);
    await waitForEndOf(all);
  });

  test('dashboard: although Redis does not answer', async () => {
    const proxy = await startUrlProxy(environment.config.redis.url);
    try {
      const dashboard = start('dashboard', [], { REDIS_URL: proxy.url });
      await eventually(
        'the dashboard',
        () => dashboard.stdout().includes('Dashboard: http'),
        Boolean,
        60_000,
      );
      proxy.setFault({ kind: 'silent' });
      dashboard.kill('SIGTERM');
      await delay(APART_MS);
      dashboard.kill('SIGTERM');
      const ended = await Promise.race([dashboard.ended, delay(30_000, 'still runs')]);
      expect([0, 1]).toContain(ended);
    } finally {
      await proxy.close();
    }
  });
});

describe('a service that does not end by itself', () => {
  const SERVICE = new URL('../support/endless-service.ts', import.meta.url);

  async function signalledTwice(): Promise<Program> {
    const service = programs.startScript(SERVICE, [], environment);
    await eventually('the service', () => service.stdout().includes('It runs.'), Boolean, 60_000);
    service.kill('SIGTERM');
    await delay(APART_MS);
    service.kill('SIGTERM');
    return service;
  }

  test('ends twenty seconds after the second signal', async () => {
    const service = await signalledTwice();
    const signalledAt = performance.now();
    expect(await Promise.race([service.ended, delay(40_000, 'still runs')])).toBe(1);
    expect(performance.now() - signalledAt).toBeGreaterThan(19_000);
  });

  test('ends at once with the third signal', async () => {
    const service = await signalledTwice();
    await delay(APART_MS);
    service.kill('SIGTERM');
    expect(await Promise.race([service.ended, delay(10_000, 'still runs')])).toBe(1);
  });
});

describe('enqueue that is killed in the middle of a list', () => {
  let channel: SampleChannel;
  beforeEach(async () => {
    channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
  });
  afterEach(() => channel.close());

  test('leaves no child processes; what it had accepted stays, a second run completes it and adds nothing twice', async () => {
    const variables = { YTDLP_EXTRA_ARGS: channel.extraArguments };
    const enqueue = start('enqueue', [LIST_ID], variables);
    const waiting = async () => (await environment.queues.jobs.counts('download')).waiting;
    await eventually('the first jobs', waiting, (count) => count > 100, 60_000);
    const descendants = descendantsOf(enqueue.pid);
    enqueue.kill('SIGKILL');
    expect(await enqueue.ended).toBe('SIGKILL');
    expect(descendants.length).toBeGreaterThan(0);
    await waitForEndOf(descendants);
    const accepted = await waiting();
    expect(accepted).toBeLessThan(2_000);

    const repeat = await runEnqueue([LIST_ID, '--json'], {
      directory: environment.directory,
      variables: { ...environment.variables, ...variables },
    });
    expect(repeat.exitCode).toBe(0);
    expect(JSON.parse(repeat.stdout)).toMatchObject({ totals: { found: 2_000, accepted: 2_000 } });
    expect(await waiting()).toBe(2_000);
    expect((await environment.database.overview.countByStatus()).discovered).toBe(2_000);
    const items = await environment.database.playlists.items(`playlist.${LIST_ID}`);
    expect(new Set(items.map(({ position }) => position)).size).toBe(2_000);
  });
});
