import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tellSampleChannel } from '../../local/sample-channel/control-client.ts';
import {
  spawnSampleChannel,
  type SpawnedSampleChannel,
} from '../../local/sample-channel/spawn-sample-channel.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram, type Program } from '../support/program.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';

const SAMPLE_DIRECTORY = path.join(import.meta.dirname, '../../.sonotheque/sample-channel');
const IDS = ['sample00001', 'sample00002', 'sample00003'];

let channel: SpawnedSampleChannel;
let setting: TestEnvironment;
let programs: Program[];

beforeEach(async () => {
  programs = [];
  channel = await spawnSampleChannel({ directory: SAMPLE_DIRECTORY });
  setting = await openTestSetting({
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    EGRESS: 'home: budget=50',
    THROTTLE_MIN_REST_SECONDS: '2',
    SHUTDOWN_GRACE_SECONDS: '1',
    LOG_LEVEL: 'info',
  });
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  await Promise.all([channel.close(), setting.close()]);
});

function run(name: string, args: readonly string[]): Program {
  const { variables, directory } = setting;
  const program = startProgram(name, args, { variables, directory });
  programs.push(program);
  return program;
}

async function addVideos(ids: readonly string[]): Promise<void> {
  const keys = ids.map((videoId): VideoKey => ({ provider: 'youtube', videoId }));
  await setting.database.videos.discover(keys.map((key) => ({ key, url: 'https://www.youtube.com/' })));
  await setting.queues.addStages(
    'download',
    keys.map((key) => ({ key, round: 0 })),
  );
}

const circuit = async () => (await egressLedgerOf(setting.queues).read())[0];
const downloaded = (count: number) =>
  eventually(
    `${String(count)} downloads`,
    () => setting.database.overview.countByStatus(),
    (counts) => counts.downloaded === count,
    40_000,
  );
const statesIn = (programsToRead: readonly Program[]) =>
  programsToRead
    .flatMap((program) => program.stderr().split('\n'))
    .flatMap((line) => {
      const match = /"time":(\d+).*"state":"([\w-]+)"/.exec(line);
      return match === null ? [] : [{ at: Number(match[1]), state: match[2] }];
    })
    .sort((one, other) => one.at - other.at)
    .map(({ state }) => state);

test('a bot check seen by one of two processes rests both, is shown, and a probe ends it', async () => {
  for (const id of IDS) {
    await tellSampleChannel(channel.controlUrl, {
      action: 'video-fault',
      videoId: id,
      fault: { kind: 'playability', name: 'bot-check', times: 1 },
    });
  }
  await addVideos(IDS);
  const workers = [run('worker', ['download']), run('worker', ['download'])];
  await eventually('the open circuit', circuit, (state) => state?.circuit === 'open', 30_000);
  const report = run('status', ['--json']);
  expect(await report.ended).toBe(0);
  const { egress } = JSON.parse(report.stdout()) as { egress: unknown[] };
  expect(egress).toMatchObject([
    { identity: 'home', reason: 'bot_check', budgetPerHour: 50, advice: expect.stringContaining('robot') },
  ]);
  await downloaded(IDS.length);
  for (const id of IDS) {
    const [first, ...refused] = await setting.database.attempts.ofVideo(`youtube.${id}`, 10);
    expect(first).toMatchObject({ status: 'success', round: 0, attempt: 1 });
    for (const row of refused) expect(row).toMatchObject({ error_class: 'bot_check', attempt: 1 });
  }
  expect(await circuit()).toMatchObject({ circuit: 'closed', level: 0 });
  const states = statesIn(workers);
  expect(states[0]).toBe('open');
  expect(states.at(-1)).toBe('closed');
  // One line for each change, whichever process made it: as many openings as there were, and no more.
  const refusals = (
    await Promise.all(IDS.map((id) => setting.database.attempts.ofVideo(`youtube.${id}`, 10)))
  )
    .flat()
    .filter(({ status }) => status === 'failed');
  const openings = states.filter((state) => state === 'open').length;
  expect(openings).toBeLessThanOrEqual(refusals.length);
  // A video whose first try comes after the circuit was closed is refused once more and opens it again.
  expect(states.filter((state) => state === 'closed').length).toBeLessThanOrEqual(openings);
});

test('a worker killed as the probe gives its place to another after the lease', async () => {
  const [probed = '', ...others] = IDS;
  const grant = await egressLedgerOf(setting.queues).acquire(
    setting.config.egress.addresses,
    'download',
    1_000,
  );
  if ('waitMs' in grant) throw new Error('the first start was not granted');
  await egressLedgerOf(setting.queues).report(
    grant,
    { kind: 'refused', reason: 'rate_limited', restAtLeastMs: 0 },
    { minRestMs: 100, maxRestMs: 100 },
  );
  await tellSampleChannel(channel.controlUrl, {
    action: 'video-fault',
    videoId: probed,
    fault: { kind: 'player-stall' },
  });
  await addVideos([probed]);
  const first = run('worker', ['download']);
  await eventually('the probe', circuit, (state) => (state?.nextStartInMs ?? 0) > 500, 30_000);
  first.kill('SIGKILL');
  await first.ended;
  expect(await circuit()).toMatchObject({ circuit: 'half-open' });
  await tellSampleChannel(channel.controlUrl, { action: 'video-fault', videoId: probed, fault: null });

  await addVideos(others);
  const second = run('worker', ['download']);
  await downloaded(IDS.length);
  expect(await circuit()).toMatchObject({ circuit: 'closed', level: 0 });
  expect(statesIn([second]).filter((state) => state === 'closed')).toHaveLength(1);
});
