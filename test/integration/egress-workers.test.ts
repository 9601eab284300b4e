import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { AudioDownloader, StagedAudio } from '../../src/media/audio-downloader.ts';
import { chainDownloaders } from '../../src/media/downloader-chain.ts';
import type { PlaylistLister } from '../../src/media/playlist-listing.ts';
import {
  InterruptedError,
  OperatorError,
  SnoozeError,
  PermanentError,
  ThrottledError,
  TransientError,
} from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { createRateLimitedPipeline } from '../../src/egress/rate-limited-pipeline.ts';
import { openEgress, type Egress } from '../../src/egress/egress.ts';
import { createRateLimitedLister } from '../../src/egress/rate-limited-lister.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createPlaylistProcessor } from '../../src/workers/processors/playlist.ts';
import { createStageProcessor } from '../../src/workers/processors/stage.ts';
import { addDownloads } from '../support/add-downloads.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';

let environment: TestEnvironment;
let workers: TestWorkers;
let egress: Egress;
let logged: string[];
let hosts: TestWorkers[];

async function open(overrides: Readonly<Record<string, string>> = {}): Promise<void> {
  environment = await openTestEnvironment(overrides);
  logged = [];
  hosts = [];
  const logger = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
  workers = new TestWorkers(environment);
  egress = openEgress(environment.config, environment.queues, logger);
}

beforeEach(() => open());
afterEach(async () => {
  await Promise.all([workers, ...hosts].map((each) => each.stop()));
  await environment.close();
});
async function reopen(overrides: Readonly<Record<string, string>>): Promise<void> {
  await environment.close();
  await open(overrides);
}

/** A download stage whose work is one start through an egress address; the rest is real. */
function downloads(
  work: (key: VideoKey, address: string, context: JobContext) => Promise<void>,
  through = egress,
) {
  const { database, queues, config } = environment;
  return createStageProcessor(
    {
      stage: 'download',
      next: 'upload',
      work: async (key, video, context) => {
        await through.use('download', videoDocumentId(key), context.signal, ({ address }) =>
          work(key, address.name, context),
        );
        return {
          record: () => database.videos.markDownloaded(key, video.round, SAMPLE_AUDIO, {}),
          result: { ok: true },
        };
      },
    },
    { database, queues, retry: config.retry },
  );
}

async function addVideos(count: number): Promise<VideoKey[]> {
  const keys = Array.from({ length: count }, (_, index): VideoKey => ({
    provider: 'youtube',
    videoId: `egress-${String(index).padStart(4, '0')}`,
  }));
  await addDownloads(environment, keys);
  return keys;
}

const downloaded = async () => (await environment.database.overview.countByStatus()).downloaded;
const changes = () =>
  logged.flatMap((line) => {
    const { state } = JSON.parse(line) as { state?: string };
    return state === undefined ? [] : [state];
  });
const refusal = () => new ThrottledError('bot_check', 'Sign in to confirm you are not a bot');

describe('the budget', () => {
  test('four workers start no more than it allows; the other jobs wait, with no attempt counted and without polling', async () => {
    await reopen({ EGRESS_BUDGET_PER_HOUR: '6' });
    let starts = 0;
    const count = () => {
      starts += 1;
      return Promise.resolve();
    };
    await addVideos(14);
    for (let index = 0; index < 4; index += 1) workers.start('download', downloads(count));
    await eventually('six downloads', async () => (await downloaded()) === 6);
    const queue = environment.queues.queue('download');
    await eventually(
      'the rest of the queue',
      () => environment.queues.jobs.counts('download'),
      (found) => found.waiting === 8 && found.active === 0,
    );
    expect(starts).toBe(6);

    // No worker asks again while the queue is paused.
    const startedTimes = async () =>
      (await queue.getJobs(['prioritized'])).reduce((sum, job) => sum + job.attemptsStarted, 0);
    const before = await startedTimes();
    workers.start('download', downloads(count));
    // Another queue continues meanwhile.
    let uploads = 0;
    workers.start('upload', {
      process: () => {
        uploads += 1;
        return Promise.resolve({});
      },
    });
    await eventually('the uploads', () => uploads === 6);
    expect(await startedTimes()).toBeLessThanOrEqual(before + 2);
    for (const job of await queue.getJobs(['prioritized'])) expect(job.attemptsMade).toBe(0);
    const waiting = await environment.database.attempts.ofVideo('youtube.egress-0013', 10);
    expect(waiting).toEqual([]);
  });

  test('the spacing applies to all workers together', async () => {
    await reopen({ EGRESS_SPACING_SECONDS: '0.3' });
    const startedAt: number[] = [];
    await addVideos(5);
    for (let index = 0; index < 3; index += 1) {
      workers.start(
        'download',
        downloads(() => {
          startedAt.push(performance.now());
          return Promise.resolve();
        }),
      );
    }
    await eventually('five downloads', async () => (await downloaded()) === 5);
    startedAt.sort((one, other) => one - other);
    const gapsMs = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
    // Granted at least 300 ms apart; a little time may pass between a grant and the work.
    expect(Math.min(...gapsMs)).toBeGreaterThan(200);
  });
});

describe('the circuit breaker', () => {
  test('all workers pause after one refusal, and resume after the success of one probe', async () => {
    // The others are notified of the success long before the lease of the probe ends.
    await reopen({ JOB_LOCK_SECONDS: '60' });
    const startedAt: number[] = [];
    let isLimited = true;
    let active = 0;
    let probeEndedAt = 0;
    let activeBesideProbe = 0;
    const work = async () => {
      startedAt.push(performance.now());
      active += 1;
      try {
        if (isLimited) {
          isLimited = false;
          throw refusal();
        }
        if (probeEndedAt === 0) {
          await new Promise((resolve) => setTimeout(resolve, 700));
          activeBesideProbe = active - 1;
          probeEndedAt = performance.now();
        }
      } finally {
        active -= 1;
      }
    };
    await addVideos(1);
    workers.start('download', downloads(work));
    await eventually(
      'the open circuit',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'open',
    );
    await addVideos(12);
    for (let index = 0; index < 3; index += 1) workers.start('download', downloads(work));
    await eventually('all downloads', async () => (await downloaded()) === 12, Boolean, 30_000);
    const [refusedAt = 0, probedAt = 0, ...later] = startedAt;
    expect(probedAt - refusedAt).toBeGreaterThanOrEqual(450);
    expect(activeBesideProbe).toBe(0);
    for (const at of later) expect(at).toBeGreaterThanOrEqual(probeEndedAt);
    expect(Math.min(...later)).toBeLessThan(probeEndedAt + 5_000);
    expect(changes()).toEqual(['open', 'half-open', 'closed']);
  });

  test('of several refusals at once one escalates, and no attempt is counted', async () => {
    let refused = 0;
    const gate = Promise.withResolvers<undefined>();
    await addVideos(6);
    for (let index = 0; index < 3; index += 1) {
      workers.start(
        'download',
        downloads(async () => {
          if (refused >= 6) return;
          refused += 1;
          if (refused === 6) gate.resolve(undefined);
          await gate.promise;
          throw refusal();
        }),
      );
    }
    await gate.promise;
    await eventually('all downloads', async () => (await downloaded()) === 6, Boolean, 30_000);
    expect(changes()).toEqual(['open', 'half-open', 'closed']);
    for (const job of await environment.queues.queue('download').getCompleted())
      expect(job.attemptsMade).toBe(1);
  });

  test.each([
    ['a private video closes it', () => new PermanentError('private', 'Private video'), 'closed'],
    ['a lost connection does not close it', () => new TransientError('network', 'reset'), 'half-open'],
    ['a shutdown does not close it', () => new InterruptedError(), 'half-open'],
  ])('a probe: %s', async (_what, failure, expected) => {
    const never = new AbortController().signal;
    await expect(
      egress.use('download', 'youtube.test', never, () => Promise.reject(refusal())),
    ).rejects.toThrow('bot');
    await expect(egress.use('download', 'youtube.probe', never, () => Promise.resolve())).rejects.toThrow(
      SnoozeError,
    );
    await eventually(
      'the end of the rest',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'half-open',
    );
    await expect(
      egress.use('download', 'youtube.probe', never, () => Promise.reject(failure())),
    ).rejects.toThrow();
    expect(await egressLedgerOf(environment.queues).read()).toMatchObject([
      { circuit: expected, nextStartInMs: 0 },
    ]);
  });

  test('a long probe keeps its lease as long as its worker lives', async () => {
    const never = new AbortController().signal;
    await expect(
      egress.use('download', 'youtube.test', never, () => Promise.reject(refusal())),
    ).rejects.toThrow('bot');
    await eventually(
      'the end of the rest',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'half-open',
    );
    const probe = await egress.begin('download', 'youtube.probe');
    // Longer than the lease of 2 s, after which another would get the probe.
    const endsAt = performance.now() + 2_600;
    while (performance.now() < endsAt) {
      await expect(egress.begin('download', 'youtube.probe')).rejects.toThrow(SnoozeError);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await probe.succeed();
    expect(await egressLedgerOf(environment.queues).read()).toMatchObject([{ circuit: 'closed' }]);
  });

  test('a refused egress address rests while the other is used', async () => {
    await reopen({
      EGRESS: 'home; office',
      THROTTLE_MIN_REST_SECONDS: '600',
      THROTTLE_MAX_REST_SECONDS: '600',
    });
    const used: string[] = [];
    await addVideos(8);
    for (let index = 0; index < 2; index += 1) {
      workers.start(
        'download',
        downloads((_key, address) => {
          used.push(address);
          return address === 'home' ? Promise.reject(refusal()) : Promise.resolve();
        }),
      );
    }
    await eventually('all downloads', async () => (await downloaded()) === 8);
    // At most as many as run at once are refused.
    expect(used.filter((name) => name === 'home').length).toBeLessThanOrEqual(4);
    expect(changes()).toEqual(['open']);
    const states = await egressLedgerOf(environment.queues).read();
    expect(new Map(states.map(({ name, circuit }) => [name, circuit]))).toEqual(
      new Map([
        ['home', 'open'],
        ['office', 'closed'],
      ]),
    );
  });
});

describe('hosts with different egress addresses', () => {
  let used: string[];
  let startHost: (index: number) => void;

  beforeEach(async () => {
    await reopen({
      EGRESS: 'home; office',
      THROTTLE_MIN_REST_SECONDS: '600',
      THROTTLE_MAX_REST_SECONDS: '600',
    });
    used = [];
    startHost = (index) => {
      const address = environment.config.egress.addresses[index];
      if (address === undefined) throw new Error('Two addresses are needed.');
      const config = {
        ...environment.config,
        egress: { ...environment.config.egress, addresses: [address] as const },
      };
      const own = openEgress(config, environment.queues, createSilentLogger());
      const host = new TestWorkers({ ...environment, config });
      hosts.push(host);
      host.start(
        'download',
        downloads((_key, name) => {
          used.push(name);
          return name === 'home' ? Promise.reject(refusal()) : Promise.resolve();
        }, own),
      );
    };
  });

  test('do not delay each other', async () => {
    await addVideos(8);
    startHost(0);
    startHost(1);
    await eventually('all downloads', async () => (await downloaded()) === 8);
    expect(used.filter((name) => name === 'home').length).toBeLessThanOrEqual(2);
  });

  test('one that begins later takes what the other was refused', async () => {
    await addVideos(1);
    startHost(0);
    await eventually(
      'the open circuit',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'open',
    );
    startHost(1);
    await eventually('the download', async () => (await downloaded()) === 1);
    expect(used).toEqual(['home', 'office']);
  });
});

describe('listings', () => {
  const ID = 'playlist.PLegress000000000';
  const URL = 'https://www.youtube.com/playlist?list=PLegress000000000';

  function listings(list: PlaylistLister['list']) {
    const { database, queues, config } = environment;
    return createPlaylistProcessor({
      database,
      queues,
      lister: createRateLimitedLister(egress, () => ({ list })),
      filters: config.playlists.filters,
      intervalMs: 3_600_000,
    });
  }

  test('a listing counts as a start, waits while the egress address rests, and is no failure of its playlist', async () => {
    await reopen({ THROTTLE_MIN_REST_SECONDS: '3', THROTTLE_MAX_REST_SECONDS: '3' });
    await environment.database.playlists.register({ id: ID, url: URL }, new Date());
    const never = new AbortController().signal;
    await expect(
      egress.use('download', 'youtube.test', never, () => Promise.reject(refusal())),
    ).rejects.toThrow('bot');
    let listed = 0;
    workers.start(
      'playlist',
      // eslint-disable-next-line @typescript-eslint/require-await -- it is one of several listings
      listings(async function* () {
        listed += 1;
        yield { type: 'playlist', announcedCount: 0 };
      }),
    );
    await environment.queues.add('playlist', { playlistId: ID });
    const queue = environment.queues.queue('playlist');
    await eventually(
      'the job that was put back',
      () => queue.getWaiting(),
      ([job]) => (job?.attemptsStarted ?? 0) > 0,
    );
    expect(listed).toBe(0);
    expect((await environment.database.playlists.findById(ID))?.error).toBeFalsy();
    await eventually(
      'the listing',
      async () => (await environment.queues.jobs.counts('playlist')).completed === 1,
    );
    expect(listed).toBe(1);
    expect(await egressLedgerOf(environment.queues).read()).toMatchObject([
      { circuit: 'closed', usedLastHour: 2 },
    ]);
    const [job] = await queue.getCompleted();
    expect(job?.attemptsMade).toBe(1);
  });

  test('a refused listing opens the circuit for downloads as well', async () => {
    await environment.database.playlists.register({ id: ID, url: URL }, new Date());
    workers.start(
      'playlist',
      // eslint-disable-next-line @typescript-eslint/require-await -- a listing that fails
      listings(async function* () {
        throw refusal();
      }),
    );
    await environment.queues.add('playlist', { playlistId: ID });
    await eventually(
      'the open circuit',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'open',
    );
    await expect(egress.begin('download', 'youtube.probe')).rejects.toThrow(SnoozeError);
  });

  test('a listing that is stopped early ends its probe', async () => {
    const lister = createRateLimitedLister(egress, () => ({
      // eslint-disable-next-line @typescript-eslint/require-await -- it is one of several listings
      list: async function* () {
        yield { type: 'playlist' as const };
        yield { type: 'playlist' as const };
      },
    }));
    const signal = new AbortController().signal;
    await expect(
      egress.use('download', 'youtube.test', signal, () => Promise.reject(refusal())),
    ).rejects.toThrow('bot');
    await eventually(
      'the end of the rest',
      () => egressLedgerOf(environment.queues).read(),
      ([state]) => state?.circuit === 'half-open',
    );
    for await (const event of lister.list({ kind: 'playlist', id: ID, url: URL }, { signal })) {
      expect(event.type).toBe('playlist');
      break;
    }
    expect(await egressLedgerOf(environment.queues).read()).toMatchObject([
      { circuit: 'half-open', nextStartInMs: 0 },
    ]);
  });
});

describe('cookies that the site no longer accepts', () => {
  const invalid = () => new OperatorError('cookies_unusable', 'no longer valid');
  const signal = new AbortController().signal;
  const starts = {
    download: () => egress.use('download', 'youtube.test', signal, () => Promise.reject(invalid())),
    listing: async () => {
      const lister = createRateLimitedLister(egress, () => ({
        // eslint-disable-next-line @typescript-eslint/require-await -- it fails before the first event
        list: async function* () {
          throw invalid();
        },
      }));
      const url = 'https://www.youtube.com/playlist?list=PLcookies0000000';
      for await (const event of lister.list(
        { kind: 'playlist', id: 'playlist.PLcookies', url },
        { signal },
      )) {
        expect(event).toBeUndefined();
      }
    },
  };

  test.each(['download', 'listing'] as const)(
    'one of several addresses has rests after a %s',
    async (use) => {
      await reopen({ EGRESS: 'home: cookies=/jars/home.txt; office: cookies=/jars/office.txt' });
      await expect(starts[use]()).rejects.toMatchObject({
        errorClass: 'address_unusable',
        message: expect.stringMatching(/\/jars\/(\w+)\.txt of egress address \1: no longer valid/),
      });
      const states = await egressLedgerOf(environment.queues).read();
      expect(states.map(({ circuit }) => circuit).sort()).toEqual(['closed', 'open']);
    },
  );

  test.each(['download', 'listing'] as const)('the only address are named after a %s', async (use) => {
    await reopen({ EGRESS: 'home: cookies=/jars/home.txt' });
    await expect(starts[use]()).rejects.toMatchObject({
      errorClass: 'cookies_unusable',
      message: 'Cookies /jars/home.txt of egress address home: no longer valid',
    });
  });
});

describe('the egress address of a download that several downloaders tried', () => {
  const key = { provider: 'youtube', videoId: 'elsewhere-2' } as const;
  const context = {
    signal: new AbortController().signal,
    logger: createSilentLogger(),
    onProgress: () => undefined,
  };
  const cut = () => new TransientError('network', 'SaveTube');
  const staged = { ...SAMPLE_AUDIO, file: 'x', source: 'savetube' } as unknown as StagedAudio;
  const gone = () => new PermanentError('removed', 'gone');
  const state = async () => (await egressLedgerOf(environment.queues).read())[0];

  test.each([
    ['rests when the site refused it and another service then had the audio', refusal(), undefined, 'open'],
    ['rests when the site refused it and another service failed', refusal(), cut(), 'open'],
    ['does not rest for another service', gone(), cut(), 'closed'],
    ['does not rest for another service alone', undefined, cut(), 'closed'],
  ] as const)('%s', async (_what, ofSite, ofService, circuit) => {
    const failing = (error: Error, name: 'yt-dlp' | 'savetube'): AudioDownloader<StagedAudio> => ({
      name,
      fetch: () => Promise.reject(error),
    });
    const service: AudioDownloader<StagedAudio> =
      ofService === undefined
        ? { name: 'savetube', fetch: () => Promise.resolve(staged) }
        : failing(ofService, 'savetube');
    const chain = chainDownloaders(ofSite === undefined ? [service] : [failing(ofSite, 'yt-dlp'), service]);
    const produced = createRateLimitedPipeline(egress, {
      produce: (videoKey, each) => chain.fetch(videoKey, '/w', each),
    }).produce(key, context);
    if (ofService === undefined) await expect(produced).resolves.toBe(staged);
    else await expect(produced).rejects.toThrow();
    expect(await state()).toMatchObject({ circuit });
  });

  test('failures of another service are no outage of the site', async () => {
    const pipeline = createRateLimitedPipeline(egress, {
      produce: (videoKey, each) =>
        chainDownloaders<StagedAudio>([{ name: 'savetube', fetch: () => Promise.reject(cut()) }]).fetch(
          videoKey,
          '/w',
          each,
        ),
    });
    for (let index = 0; index < 20; index += 1) {
      const videoId = `service-${String(index).padStart(3, '0')}`;
      await expect(pipeline.produce({ provider: 'youtube', videoId }, context)).rejects.toThrow('SaveTube');
    }
    expect(await state()).toMatchObject({ circuit: 'closed' });
  });
});

test.each([
  ['savetube', 'half-open'],
  ['yt-dlp', 'closed'],
] as const)('audio from %s leaves a circuit after its rest %s', async (source, circuit) => {
  await reopen({ THROTTLE_MIN_REST_SECONDS: '0.2' });
  const key = { provider: 'youtube', videoId: 'elsewhere-1' } as const;
  const context = {
    signal: new AbortController().signal,
    logger: createSilentLogger(),
    onProgress: () => undefined,
  };
  const refused = egress.use('download', 'youtube.test', context.signal, () => Promise.reject(refusal()));
  await expect(refused).rejects.toThrow('Sign in');
  const producer = createRateLimitedPipeline(egress, {
    produce: (_key, { onProgress }) => {
      onProgress({ stage: 'fetch', percent: 50, ...(source === 'savetube' ? { source } : {}) });
      return Promise.resolve({ ...SAMPLE_AUDIO, file: 'x', source } as unknown as StagedAudio);
    },
  });
  await eventually(
    'the end of the rest',
    async () => (await egressLedgerOf(environment.queues).read())[0]?.restMs === 0,
  );
  await producer.produce(key, context);
  expect(await egressLedgerOf(environment.queues).read()).toMatchObject([{ circuit }]);
  // The next start may be the probe.
  await expect(
    egress.use('download', 'youtube.probe', context.signal, () => Promise.resolve('in')),
  ).resolves.toBe('in');
});
