import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import type { SpawnedSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import type { VideoFault } from '../../local/sample-channel/faults.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { addDownloads } from '../support/add-downloads.ts';
import { eventually } from '../support/eventually.ts';
import { Programs, type Program } from '../support/program.ts';
import { openSampleChannel } from '../support/sample-channel.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const IDS = ['sample00001', 'sample00002', 'sample00003'];
/** Starting a process takes seconds on a busy machine. */
const START_DEADLINE_MS = 45_000;

let channel: SpawnedSampleChannel;
let environment: TestEnvironment;
let programs: Programs;

beforeEach(async () => {
  programs = new Programs();
  channel = await openSampleChannel();
});
afterEach(async () => {
  await programs.end();
  await Promise.all([channel.close(), environment.close()]);
});

async function open(overrides: Readonly<Record<string, string>> = {}): Promise<void> {
  environment = await openTestEnvironment({
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    EGRESS: 'home: budget=50',
    THROTTLE_MIN_REST_SECONDS: '2',
    SHUTDOWN_GRACE_SECONDS: '1',
    LOG_LEVEL: 'info',
    ...overrides,
  });
}

const run = (name: string, ...args: readonly string[]) => programs.start(name, args, environment);
const setFault = (videoId: string, fault: VideoFault | null) =>
  controlSampleChannel(channel.controlUrl, { action: 'video-fault', videoId, fault });

const addVideos = (ids: readonly string[]) =>
  addDownloads(
    environment,
    ids.map((videoId) => ({ provider: 'youtube', videoId })),
  );

const circuit = async () => (await egressLedgerOf(environment.queues).read())[0];
const waitForDownloads = () =>
  eventually(
    'all downloads',
    () => environment.database.overview.countByStatus(),
    ({ downloaded }) => downloaded === IDS.length,
    60_000,
  );
/** The changes of the circuit that processes logged, in the order of time. */
const loggedStates = (...logging: readonly Program[]) =>
  logging
    .flatMap((program) => program.stderr().split('\n'))
    .flatMap((line) => {
      const at = /"time":(\d+)/.exec(line)?.[1];
      const state = /"state":"([\w-]+)"/.exec(line)?.[1];
      return at === undefined || state === undefined ? [] : [{ at: Number(at), state }];
    })
    .sort((one, other) => one.at - other.at)
    .map(({ state }) => state);

/** How often workers took a job without being granted a start for it; undefined while a job is active. */
async function refusedStarts(): Promise<number | undefined> {
  const queue = environment.queues.queue('download');
  const idle = await queue.getJobs(['prioritized', 'delayed']);
  if ((await queue.getActiveCount()) > 0 || idle.length < IDS.length) return undefined;
  const taken = idle.reduce((sum, job) => sum + job.attemptsStarted, 0);
  return taken - ((await circuit())?.usedLastHour ?? 0);
}

test('a bot check seen by one of two processes pauses both, is shown in the status, and a probe ends it', async () => {
  // A probe keeps its lease although its process is slow: each start after the first is a probe of its own.
  await open({ JOB_LOCK_SECONDS: '30' });
  // Every video is refused until the test says otherwise, so that the circuit stays open until the test has seen it.
  for (const id of IDS) await setFault(id, { kind: 'playability', name: 'bot-check' });
  await addVideos(IDS);
  const first = run('worker', 'download', '--concurrency', 'download=1');
  await eventually('the open circuit', circuit, (state) => state?.circuit === 'open', START_DEADLINE_MS);
  const second = run('worker', 'download');
  // The first process asks for a start only when it may have one: it is the second that has to wait.
  await eventually('a second process that waits', refusedStarts, (count = 0) => count > 0, START_DEADLINE_MS);

  const report = run('status', '--json');
  expect(await report.ended).toBe(0);
  const { egress } = JSON.parse(report.stdout()) as { egress: unknown[] };
  expect(egress).toMatchObject([
    {
      identity: 'home',
      reason: 'bot_check',
      budgetPerHour: 50,
      advice: expect.stringContaining('bot check'),
    },
  ]);

  await controlSampleChannel(channel.controlUrl, { action: 'reset' });
  await waitForDownloads();
  const attempts = await Promise.all(
    IDS.map((id) => environment.database.attempts.ofVideo(`youtube.${id}`, 50)),
  );
  for (const [newest] of attempts) expect(newest).toMatchObject({ status: 'success', round: 0, attempt: 1 });
  const refusals = attempts.flatMap(([, ...older]) => older);
  for (const row of refusals) {
    expect(row).toMatchObject({ status: 'failed', error_class: 'bot_check', attempt: 1 });
  }
  expect(await circuit()).toMatchObject({ circuit: 'closed', level: 0 });
  const states = loggedStates(first, second);
  expect(states[0]).toBe('open');
  expect(states.at(-1)).toBe('closed');
  // One line for each change, whichever process made it: every refusal opens the circuit, one probe closes it.
  expect(states.filter((state) => state === 'open')).toHaveLength(refusals.length);
  expect(states.filter((state) => state === 'closed')).toHaveLength(1);
});

test('when a worker is killed during its probe, another may probe after the lease', async () => {
  await open();
  const [probed = '', ...others] = IDS;
  const ledger = egressLedgerOf(environment.queues);
  const grant = await ledger.acquire(environment.config.egress.addresses, 'download', 1_000);
  if ('waitMs' in grant) throw new Error('The first start was not granted.');
  await ledger.report(
    grant,
    { kind: 'refused', reason: 'rate_limited', restAtLeastMs: 0 },
    { minRestMs: 100, maxRestMs: 100 },
  );
  await setFault(probed, { kind: 'player-stall' });
  await addVideos([probed]);
  const first = run('worker', 'download');
  await eventually('the probe', circuit, (state) => (state?.nextStartInMs ?? 0) > 500, START_DEADLINE_MS);
  first.kill('SIGKILL');
  await first.ended;
  expect(await circuit()).toMatchObject({ circuit: 'half-open' });
  await setFault(probed, null);

  await addVideos(others);
  const second = run('worker', 'download');
  await waitForDownloads();
  expect(await circuit()).toMatchObject({ circuit: 'closed', level: 0 });
  expect(loggedStates(second).filter((state) => state === 'closed')).toHaveLength(1);
});

test('three videos that the site always refuses do not stop the others, and end failed with the reason', async () => {
  await open({
    THROTTLE_MIN_REST_SECONDS: '0.5',
    THROTTLE_MAX_REST_SECONDS: '2',
    RETRY_ROUNDS: '1',
    DOWNLOAD_CONCURRENCY: '3',
  });
  const refused = ['sample00004', 'sample00005', 'sample00006'];
  const faults: readonly VideoFault[] = [
    { kind: 'playability', name: 'captcha' },
    { kind: 'player-status', status: 429 },
    { kind: 'player-status', status: 403 },
  ];
  for (const [index, id] of refused.entries()) await setFault(id, faults[index] ?? null);
  // They are first in line.
  await addVideos(refused);
  await addVideos(IDS);
  const worker = run('worker', 'download', 'retry');
  await waitForDownloads();
  await eventually(
    'the end of the refused ones',
    () => environment.database.overview.countByStatus(),
    ({ failed }) => failed === refused.length,
    90_000,
  );
  for (const id of refused) {
    const video = await environment.database.videos.find({ provider: 'youtube', videoId: id });
    expect(video?.error?.class).toMatch(/^(bot_check|rate_limited)$/);
    expect(video?.error?.advice).toContain('Only this item meets the error while others succeed.');
    expect(video?.error?.advice).toContain('npm run retry -- --class ');
  }
  expect(worker.stderr()).toMatch(/Egress address home rests because of youtube\.sample0000\d: /);
  expect(await circuit()).toMatchObject({ circuit: 'closed' });
});
