import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { childrenOf, isAlive } from '../support/process-tree.ts';
import { startProgram, startScript, type Program } from '../support/program.ts';
import { startUrlProxy } from '../support/tcp-proxy.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

jest.setTimeout(120_000);

/** Signals within half a second of each other count as one. */
const APART_MS = 1_000;
const LIST_ID = generatedPlaylistId(2_000);

let setting: TestEnvironment;
let started: Program[];

beforeEach(async () => {
  setting = await openTestSetting({ DASHBOARD_PORT: '0', LOG_LEVEL: 'info' });
  started = [];
});
afterEach(async () => {
  for (const program of started) program.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await setting.close();
});

function start(name: string, args: readonly string[], variables: Record<string, string> = {}): Program {
  const program = startProgram(name, args, {
    directory: setting.directory,
    variables: { ...setting.variables, ...variables },
  });
  started.push(program);
  return program;
}

/** All that a process has started, directly or not. */
function familyOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...familyOf(child)]);
}

const endOf = (family: readonly number[]) =>
  eventually(
    'the end of all that it had started',
    () => family.filter(isAlive),
    (alive) => alive.length === 0,
    30_000,
  );

describe('a second signal ends what the first could not', () => {
  test('enqueue: at once, with the programs that it had started', async () => {
    const stubborn = path.join(setting.directory, 'stubborn');
    await writeFile(stubborn, "#!/bin/sh\ntrap '' TERM INT\nwhile :; do sleep 1; done\n");
    await chmod(stubborn, 0o700);
    const enqueue = start('enqueue', [LIST_ID], { YTDLP_PATH: stubborn });
    const family = await eventually(
      'yt-dlp',
      () => familyOf(enqueue.pid),
      (pids) => pids.length >= 2,
      60_000,
    );
    await delay(500);
    const all = [...new Set([...family, ...familyOf(enqueue.pid)])];
    enqueue.kill('SIGINT');
    await delay(APART_MS);
    const askedAt = performance.now();
    enqueue.kill('SIGINT');
    expect(await enqueue.ended).toBe(130);
    // Well before its programs would have been killed for not ending.
    expect(performance.now() - askedAt).toBeLessThan(1_500);
    await endOf(all);
  });

  test('dashboard: although Redis has fallen silent', async () => {
    const proxy = await startUrlProxy(setting.config.redis.url);
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

  async function toldTwice(): Promise<Program> {
    const service = startScript(SERVICE, [], setting);
    started.push(service);
    await eventually('the service', () => service.stdout().includes('It runs.'), Boolean, 60_000);
    service.kill('SIGTERM');
    await delay(APART_MS);
    service.kill('SIGTERM');
    return service;
  }

  test('ends twenty seconds after the second signal', async () => {
    const service = await toldTwice();
    const toldAt = performance.now();
    expect(await Promise.race([service.ended, delay(40_000, 'still runs')])).toBe(1);
    expect(performance.now() - toldAt).toBeGreaterThan(19_000);
  });

  test('ends at once with the third signal', async () => {
    const service = await toldTwice();
    await delay(APART_MS);
    service.kill('SIGTERM');
    expect(await Promise.race([service.ended, delay(10_000, 'still runs')])).toBe(1);
  });
});

describe('enqueue that is killed in the middle of a list', () => {
  let channel: SampleChannel;
  beforeEach(async () => {
    channel = await startSampleChannel({
      directory: path.join(import.meta.dirname, '../../.sonotheque/sample-channel'),
    });
  });
  afterEach(() => channel.close());

  test('leaves no programs; what it had accepted stays, a repeat completes it and adds nothing twice', async () => {
    const variables = { YTDLP_EXTRA_ARGS: channel.extraArguments };
    const enqueue = start('enqueue', [LIST_ID], variables);
    const waiting = async () => (await setting.queues.counts('download')).waiting;
    await eventually('the first jobs', waiting, (count) => count > 100, 60_000);
    const family = familyOf(enqueue.pid);
    enqueue.kill('SIGKILL');
    expect(await enqueue.ended).toBe('SIGKILL');
    expect(family.length).toBeGreaterThan(0);
    await endOf(family);
    const accepted = await waiting();
    expect(accepted).toBeLessThan(2_000);

    const repeat = await runEnqueue([LIST_ID, '--json'], {
      directory: setting.directory,
      variables: { ...setting.variables, ...variables },
    });
    expect(repeat.exitCode).toBe(0);
    expect(JSON.parse(repeat.stdout)).toMatchObject({ totals: { found: 2_000, accepted: 2_000 } });
    expect(await waiting()).toBe(2_000);
    expect((await setting.database.overview.countByStatus()).discovered).toBe(2_000);
    const items = await setting.database.playlists.items(`playlist.${LIST_ID}`);
    expect(new Set(items.map(({ position }) => position)).size).toBe(2_000);
  });
});
