import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StagedMetadata } from './staged-metadata.ts';
import { parseStagedName, stagedBaseName } from './staging-names.ts';
import { bootDigest, ownIdentity, type ProcessIdentity } from '../runtime/child-owner.ts';
import { createDirectoryStaging } from './directory-staging.ts';

const KEY = { provider: 'youtube', videoId: 'dQw4w9WgXcQ' } as const;
const TEXT = 'not really audio';
const METADATA: StagedMetadata = {
  format: 'mp3',
  sizeBytes: TEXT.length,
  durationSeconds: 10.5,
  codec: 'mp3',
  bitrate: 320_000,
  sampleRate: 44_100,
  channels: 2,
  source: 'yt-dlp',
  language: 'pt-BR',
  trackKind: 'original',
  sourceFormat: '140-drc',
  metadata: {
    url: 'https://example.org',
    title: 'Ünïcode ../..',
    publishedAt: new Date('2026-01-31T00:00:00Z'),
  },
};

describe('names of staged files', () => {
  const id = fc.stringMatching(/^[\w-]{11}$/);

  test('differ for different ids even where letter case is ignored, and read back', () => {
    fc.assert(
      fc.property(id, fc.infiniteStream(fc.boolean()), (videoId, flips) => {
        const other = Array.from(videoId)
          .map((letter) => (flips.next().value === true ? swapCase(letter) : letter))
          .join('');
        const [one, two] = [videoId, other].map((text) =>
          stagedBaseName({ provider: 'youtube', videoId: text }),
        );
        expect(one?.toLowerCase() === two?.toLowerCase()).toBe(videoId === other);
        expect(parseStagedName('youtube', `${String(one)}.mp3`)).toEqual({
          key: { provider: 'youtube', videoId },
          format: 'mp3',
        });
      }),
    );
  });

  test.each([
    'x.mp3',
    'dQw4w9WgXcQ.00000000.mp3',
    'dQw4w9WgXcQ.mp3',
    '../dQw4w9WgXcQ',
    `${stagedBaseName(KEY)}.json`,
  ])('%s is not the name of a staged file', (name) => {
    expect(parseStagedName('youtube', name)).toBeUndefined();
  });
});

describe('the staging directory', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'sonotheque-staging-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const stage = async (metadata = METADATA) => {
    const staging = createDirectoryStaging(root);
    const work = await staging.createWorkDirectory();
    const file = path.join(work, 'result.part');
    await writeFile(file, TEXT);
    const staged = await staging.put(KEY, file, metadata, new AbortController().signal);
    await staging.removeWorkDirectory(work);
    return staged;
  };
  const listed = async () => {
    const names: string[] = [];
    for await (const { key } of createDirectoryStaging(root).listStaged()) names.push(key.videoId);
    return names;
  };

  test('a staged file is found, read and listed by another process', async () => {
    const staged = await stage();
    const other = createDirectoryStaging(root);
    expect(await other.readStaged(KEY)).toEqual(staged);
    expect(await other.findStaged(KEY)).toEqual({ key: KEY, file: staged.file, sizeBytes: TEXT.length });
    expect(await listed()).toEqual([KEY.videoId]);
    await other.removeStaged(KEY);
    expect(await readdir(path.join(root, 'youtube'))).toEqual([]);
    await other.removeStaged(KEY);
  });

  test('an empty or missing directory lists nothing', async () => {
    expect(await listed()).toEqual([]);
    expect(await createDirectoryStaging(root).findStaged(KEY)).toBeUndefined();
  });

  test('a second result replaces the first, also in another format', async () => {
    await stage();
    const staged = await stage({ ...METADATA, format: 'm4a' });
    expect(await createDirectoryStaging(root).readStaged(KEY)).toEqual(staged);
    expect(await listed()).toEqual([KEY.videoId]);
  });

  test('a file of another size, or without metadata, is found but not read', async () => {
    const staged = await stage();
    await writeFile(staged.file, 'shorter');
    expect(await createDirectoryStaging(root).readStaged(KEY)).toBeUndefined();
    expect((await createDirectoryStaging(root).findStaged(KEY))?.sizeBytes).toBe(7);
    await writeFile(staged.file.replace('.mp3', '.json'), '{"format":');
    expect(await createDirectoryStaging(root).readStaged(KEY)).toBeUndefined();
  });

  test('other files in the directory are not listed', async () => {
    await stage();
    await writeFile(path.join(root, 'youtube', 'notes.txt'), '');
    await mkdir(
      path.join(root, 'youtube', `${stagedBaseName({ provider: 'youtube', videoId: 'aaaaaaaaaaa' })}.mp3`),
    );
    expect(await listed()).toEqual([KEY.videoId]);
  });

  test('neither an invalid id nor a link leads out of it', async () => {
    const staging = createDirectoryStaging(root);
    await expect(staging.findStaged({ provider: 'youtube', videoId: '../../etc' })).rejects.toMatchObject({
      errorClass: 'unsupported',
    });
    await symlink(tmpdir(), path.join(root, 'http'));
    await expect(staging.findStaged({ provider: 'http', videoId: 'a'.repeat(64) })).rejects.toMatchObject({
      errorClass: 'local_configuration',
    });
  });

  test('a staging directory that cannot be created is an operator error', async () => {
    await writeFile(path.join(root, 'file'), '');
    await expect(
      createDirectoryStaging(path.join(root, 'file', 'staging')).createWorkDirectory(),
    ).rejects.toMatchObject({
      outcome: 'operator',
    });
  });

  describe('work directories', () => {
    const longAgo = new Date(Date.now() - 3_600_000);

    /** Creates a work directory with old files that belongs to this process. */
    async function abandoned({ pid, space, start }: ProcessIdentity): Promise<string> {
      const work = path.join(root, 'work');
      await mkdir(work, { recursive: true });
      const directory = await mkdtemp(path.join(work, `job.${String(pid)}.${space}.${start}.`));
      await writeFile(path.join(directory, 'audio.part'), '');
      for (const file of ['audio.part', '.']) await utimes(path.join(directory, file), longAgo, longAgo);
      return directory;
    }
    const left = () => readdir(path.join(root, 'work'));

    test('of processes that cannot be checked are removed when nothing changes in them', async () => {
      const elsewhere = { pid: 1, space: '00000000', start: '00000000' };
      await abandoned(elsewhere);
      const inUse = await abandoned(elsewhere);
      await utimes(path.join(inUse, 'audio.part'), new Date(), new Date());
      expect(await createDirectoryStaging(root).pruneWorkDirectories(600_000)).toBe(1);
      expect(await left()).toEqual([path.basename(inUse)]);
    });

    test('of another container of this machine are removed as soon as its process has ended', async () => {
      // Its process is not to be seen here, but its socket is.
      const identity = { pid: 1, space: '00000000', start: '00000001' };
      const directory = await abandoned(identity);
      await utimes(directory, new Date(), new Date());
      const name = `owner.${await bootDigest()}.1.00000000.00000001.sock`;
      await mkdir(path.join(root, 'owners'));
      const owner = spawn(process.execPath, [
        '-e',
        `require('net').createServer().listen(${JSON.stringify(path.join(root, 'owners', name))}, () => console.log('listens'))`,
      ]);
      await once(owner.stdout, 'data');
      expect(await createDirectoryStaging(root).pruneWorkDirectories(600_000)).toBe(0);
      expect(await left()).toEqual([path.basename(directory)]);
      owner.kill('SIGKILL');
      await once(owner, 'exit');
      expect(await createDirectoryStaging(root).pruneWorkDirectories(600_000)).toBe(1);
      expect([await left(), await readdir(path.join(root, 'owners'))]).toEqual([[], []]);
    });

    test('of this process are kept, however old', async () => {
      await abandoned(await ownIdentity());
      await createDirectoryStaging(root).createWorkDirectory();
      expect(await createDirectoryStaging(root).pruneWorkDirectories(0)).toBe(0);
    });

    test('of a process that has ended are removed at once, after the programs that still run in them', async () => {
      // The same process id, given to another process since.
      const directory = await abandoned({ ...(await ownIdentity()), start: '00000000' });
      await utimes(directory, new Date(), new Date());
      const program = spawn('sleep', ['60'], { cwd: directory, detached: true, stdio: 'ignore' });
      const ended = once(program, 'exit');
      try {
        expect(await createDirectoryStaging(root).pruneWorkDirectories(600_000)).toBe(1);
        expect(await left()).toEqual([]);
        if (process.platform === 'linux') expect(await ended).toEqual([null, 'SIGKILL']);
      } finally {
        program.kill('SIGKILL');
      }
    });
  });
});

function swapCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}
