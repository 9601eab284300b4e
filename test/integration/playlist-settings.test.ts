import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDownloadProcessor } from '../../src/workers/processors/download.ts';
import { createRetryProcessor } from '../../src/workers/processors/retry.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { MediaContext } from '../../src/media/audio-downloader.ts';
import type { PlaylistEntry } from '../../src/media/playlist-listing.ts';
import {
  changePlaylistSettings,
  type PlaylistSettingsChange,
} from '../../src/operations/playlist-settings.ts';
import { expandPlaylist, previewPlaylist, type ExpandOptions } from '../../src/producers/expand-playlist.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import { WITHOUT_PRIORITY } from '../../src/domain/download-priority.ts';
import { rangeOf } from '../../src/queues/download-numbers.ts';
import { stageJobId } from '../../src/queues/job-ids.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { startProgram } from '../support/program.ts';

const never = new AbortController().signal;
const ACTOR = { user: 'ada', via: 'page' } as const;
const [A, B] = ['PLaaaaaaaaaaaaaaaa', 'PLbbbbbbbbbbbbbbbb'];

let environment: ReconcileEnvironment;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  for (const id of [A, B]) {
    const { url } = referenceOf(id);
    await environment.database.playlists.register({ id: `playlist.${id}`, url }, new Date());
  }
});
afterEach(async () => {
  await environment.close();
});

function referenceOf(id: string) {
  const parsed = parsePlaylistReference(id);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reference;
}

const set = (id: string, change: PlaylistSettingsChange) =>
  changePlaylistSettings(`playlist.${id}`, change, ACTOR, environment);

const entry = (number: number, seconds: number, title = `Video ${String(number)}`): PlaylistEntry => {
  const { videoId } = keyOf(number);
  return {
    ...{ videoId, position: number, availability: 'available', live: 'no', isShort: false },
    metadata: { url: addressOf(keyOf(number)), title, durationSeconds: seconds },
  };
};

/** Reads a playlist that has these entries. */
function read(id: string, entries: readonly PlaylistEntry[], options: Partial<ExpandOptions> = {}) {
  const { database, queues, config } = environment;
  return expandPlaylist(referenceOf(id), {
    ...{ database, queues, intervalMs: 86_400_000, signal: never },
    filters: config.playlists.filters,
    lister: {
      list: async function* () {
        await Promise.resolve();
        for (const each of entries) yield { type: 'entry', entry: each };
      },
    },
    ...options,
  });
}

const stateOf = async (number: number) => {
  const video = await environment.database.videos.find(keyOf(number));
  return video?.skip_reason ?? video?.status;
};
const priorityOf = async (key: VideoKey, round = 0) => {
  const job = await environment.queues.queue('download').getJob(stageJobId('download', key, round));
  const number = job?.priority ?? -1;
  return Array.from({ length: WITHOUT_PRIORITY + 1 }, (_, priority) => priority).find((priority) => {
    const { start, end } = rangeOf(priority);
    return start <= number && number < end;
  });
};

describe('the filters of a playlist', () => {
  test('decide when it is read; what they leave out is skipped with the reason, and taken in once they let it', async () => {
    await set(A, { minDurationSeconds: 60, titleExclude: ['trailer*'] });
    const entries = [entry(1, 30), entry(2, 90), entry(3, 90, 'The TRAILER of it')];
    expect(await read(A, entries)).toMatchObject({
      accepted: 1,
      skipped: { too_short: 1, title_excluded: 1 },
    });
    expect([await stateOf(1), await stateOf(2), await stateOf(3)]).toEqual([
      'too_short',
      'discovered',
      'title_excluded',
    ]);
    await set(A, { minDurationSeconds: null });
    expect(await read(A, entries)).toMatchObject({ accepted: 2 });
    expect(await stateOf(1)).toBe('discovered');
    // What was taken in stays, whatever a filter says later.
    await set(A, { minDurationSeconds: 100 });
    await read(A, entries);
    expect([await stateOf(1), await stateOf(2)]).toEqual(['discovered', 'discovered']);
  });

  test('come before the environment, and a reading by hand before both', async () => {
    const filters = { live: true, shorts: true, minDurationSeconds: 50 };
    await set(A, { minDurationSeconds: 10 });
    expect(await read(A, [entry(1, 30)], { filters })).toMatchObject({ accepted: 1 });
    expect(await read(B, [entry(2, 30)], { filters })).toMatchObject({ skipped: { too_short: 1 } });
    const overrides = { minDurationSeconds: 40 };
    expect(await read(A, [entry(3, 30)], { filters, overrides })).toMatchObject({
      skipped: { too_short: 1 },
    });
    const preview = await previewPlaylist(referenceOf(A), {
      ...{ database: environment.database, filters, signal: never },
      lister: {
        list: async function* () {
          await Promise.resolve();
          yield { type: 'entry', entry: entry(4, 30) };
        },
      },
    });
    expect(preview).toMatchObject({ accepted: 1 });
  });

  test('a video in several playlists is taken in if one of them takes it', async () => {
    await set(A, { minDurationSeconds: 60 });
    await read(A, [entry(1, 30)]);
    expect(await stateOf(1)).toBe('too_short');
    await read(B, [entry(1, 30)]);
    expect(await stateOf(1)).toBe('discovered');
    await read(A, [entry(1, 30)]);
    expect(await stateOf(1)).toBe('discovered');
    expect((await environment.database.videos.find(keyOf(1)))?.taken_in_by).toBe(`playlist.${B}`);
  });

  test('never take up what a person skipped', async () => {
    await read(A, [entry(1, 30)]);
    await environment.database.decisions.skip(keyOf(1), 'test');
    await set(A, { minDurationSeconds: 0 });
    expect(await read(A, [entry(1, 30)])).toMatchObject({ leftOut: 1 });
    expect(await stateOf(1)).toBe('ignored');
  });
});

describe('the priority of a playlist', () => {
  test('the strongest counts, whichever is read first or last', async () => {
    await set(A, { priority: 5 });
    await set(B, { priority: 2 });
    await read(A, [entry(1, 30), entry(2, 30)]);
    expect([await priorityOf(keyOf(1)), await priorityOf(keyOf(2))]).toEqual([5, 5]);
    await read(B, [entry(1, 30)]);
    expect(await priorityOf(keyOf(1))).toBe(2);
    await read(A, [entry(1, 30), entry(2, 30)]);
    expect([await priorityOf(keyOf(1)), await priorityOf(keyOf(2))]).toEqual([2, 5]);
    // Of the command line it counts like another playlist.
    await read(A, [entry(2, 30)], { priority: 3 });
    expect(await priorityOf(keyOf(2))).toBe(3);
  });

  test('without one downloads come last', async () => {
    await read(A, [entry(1, 30)]);
    expect(await priorityOf(keyOf(1))).toBe(WITHOUT_PRIORITY);
  });

  test('also after a retry and when reconcile makes a lost job again', async () => {
    await set(A, { priority: 5 });
    await read(A, [entry(1, 30), entry(2, 30)]);
    const { database, queues } = environment;
    await queues.jobs.remove('download', stageJobId('download', keyOf(2), 0));
    await environment.reconcile();
    expect(await priorityOf(keyOf(2))).toBe(5);
    const failure = new TransientError('network', 'away');
    const place = { stage: 'download', resumeAt: 'download' } as const;
    await database.videos.markRetrying(keyOf(1), 0, place, failure, new Date());
    const retry = createRetryProcessor({ database, queues });
    await retry.process({ stage: 'download', ...keyOf(1), round: 0 }, undefined as never);
    expect(await priorityOf(keyOf(1), 1)).toBe(5);
  });
});

describe('profile and language', () => {
  /** Runs the download of a video. @returns what the pipeline was asked for. */
  async function download(number: number): Promise<Partial<MediaContext>> {
    const { database, queues, config, staging } = environment;
    let asked: Partial<MediaContext> = {};
    const processor = createDownloadProcessor({
      ...{ database, queues, staging, retry: config.retry },
      audio: {
        produce: (_key, context) => {
          asked = context;
          return Promise.reject(new TransientError('network', 'enough'));
        },
      },
      gate: {
        runWithReservation: (_seconds: unknown, work: (onStaged: () => void) => Promise<unknown>) =>
          work(() => undefined),
      } as never,
    });
    const context = { signal: never, attempt: 1, worker: 'test', logger: createSilentLogger() };
    await processor
      .process({ ...keyOf(number), round: 0 }, {
        ...context,
        reportProgress: () => undefined,
        attribute: (error: unknown) => Promise.resolve(error),
      } as never)
      .catch(() => undefined);
    return asked;
  }

  test('are those of the playlist that took the video in first, as they are when it is downloaded', async () => {
    await set(B, { language: 'de', profile: 'mp3-320' });
    await read(A, [entry(1, 30)]);
    await read(B, [entry(1, 30)]);
    expect(await download(1)).not.toHaveProperty('audioLanguage');
    await set(A, { language: 'fr', profile: 'original' });
    expect(await download(1)).toMatchObject({ audioLanguage: 'fr', profile: 'original' });
  });

  test('of records of an earlier version: the first playlist that contained it', async () => {
    await environment.discover(keyOf(1));
    const items = [{ key: keyOf(1), position: 1 }];
    await environment.database.playlists.recordItems(`playlist.${A}`, items, new Date(1_000));
    await environment.database.playlists.recordItems(`playlist.${B}`, items, new Date(2_000));
    await set(A, { language: 'fr' });
    await set(B, { language: 'de' });
    expect(await download(1)).toMatchObject({ audioLanguage: 'fr' });
  });
});

test('settings are changed one by one; contradictions with earlier ones are refused', async () => {
  expect(await set(A, { minDurationSeconds: 60 })).toMatchObject({ outcome: 'changed' });
  expect(await set(A, { minDurationSeconds: 60 })).toMatchObject({ outcome: 'unchanged' });
  expect(await set(A, { maxDurationSeconds: 30 })).toMatchObject({ outcome: 'contradictory' });
  expect(await set(A, { language: 'fr' })).toMatchObject({
    settings: { minDurationSeconds: 60, maxDurationSeconds: null, language: 'fr' },
  });
  expect(await set('PLunknown000000000', { language: 'fr' })).toMatchObject({ outcome: 'unknown' });
  expect(await environment.database.audit.ofTarget(`playlist.${A}`, 10)).toHaveLength(2);
});

test('the command sets and shows them', async () => {
  const command = async (...args: string[]) => {
    const program = startProgram('playlists', args, environment);
    return { exitCode: await program.ended, stdout: program.stdout() };
  };
  const done = await command('set', A, '--set', 'language=fr', '--set', 'title-include=lesson', '--json');
  expect(done.exitCode).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    playlists: [{ outcome: 'changed', settings: { language: 'fr', titleInclude: ['lesson'] } }],
  });
  expect((await environment.database.playlists.findById(`playlist.${A}`))?.settings?.language).toBe('fr');
  expect((await command('set', A)).exitCode).toBe(2);
  expect((await command('set', A, '--set', 'colour=red')).exitCode).toBe(2);
  expect((await command('set', 'PLunknown000000000', '--set', 'language=fr')).exitCode).toBe(1);
});
