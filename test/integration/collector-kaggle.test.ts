import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { generatedReviews, KaggleUpstream } from '../../local/upstreams/kaggle.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { zipArchive } from '../../local/upstreams/zip-archive.ts';
import type { CollectedItem, DocumentItem, RejectedItem } from '../../src/collectors/collector.ts';
import { fingerprintOf } from '../../src/collectors/fingerprint.ts';
import { kaggle } from '../../src/collectors/kinds/kaggle.ts';
import type { KaggleCredentials } from '../../src/config/config.ts';
import {
  createHttpClient,
  type ClosableHttpClient,
} from '../../src/runtime/http-client/create-http-client.ts';
import { JobError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';

const execute = promisify(execFile);
const REF = 'amina/fon-reviews';
const BASIC: KaggleCredentials = { kind: 'basic', username: 'amina', key: 'secret-key' };
const AUTHORIZATION = `Basic ${Buffer.from('amina:secret-key').toString('base64')}`;

let upstream: KaggleUpstream;
let apiServer: RunningUpstreams;
let storageServer: RunningUpstreams;
let http: ClosableHttpClient;

beforeEach(async () => {
  upstream = new KaggleUpstream();
  upstream.expectedAuthorization = AUTHORIZATION;
  // Two servers: the store is another origin, as at Kaggle.
  apiServer = await startUpstreams([upstream.api]);
  storageServer = await startUpstreams([upstream.storage]);
  upstream.storageAddress = storageServer.addressOf('kaggle-storage');
  http = createHttpClient({ userAgent: 'Sonotheque/test', timeoutMs: 20_000, allowPrivateAddresses: true });
});

afterEach(async () => {
  await http.close();
  await Promise.all([apiServer.close(), storageServer.close()]);
});

interface RunOptions {
  readonly dataset?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly state?: unknown;
  readonly credentials?: KaggleCredentials;
  readonly signal?: AbortSignal;
}

/** Starts a run like the engine. */
function run({ dataset = {}, settings = {}, state, credentials = BASIC, signal }: RunOptions = {}) {
  return kaggle.collect({
    settings: kaggle.settingsSchema.parse({ datasets: [{ ref: REF, ...dataset }], ...settings }),
    state,
    access: {
      openWeatherMap: { url: 'http://127.0.0.1:1', key: undefined },
      kaggle: { url: apiServer.addressOf('kaggle'), credentials },
      gdelt: { url: 'http://127.0.0.1:1' },
    },
    http,
    signal: signal ?? new AbortController().signal,
    logger: createSilentLogger(),
    now: () => new Date(),
  });
}

interface Outcome {
  readonly documents: DocumentItem[];
  readonly rejected: RejectedItem[];
  readonly parts: { name: string; status: string; note?: string; items?: number }[];
  readonly state: unknown;
  readonly error: unknown;
}

/** Runs to the end, also when the whole run fails. */
async function collect(options: RunOptions = {}): Promise<Outcome> {
  const found: CollectedItem[] = [];
  let error: unknown;
  try {
    for await (const item of run(options)) found.push(item);
  } catch (thrown) {
    error = thrown;
  }
  const checkpoints = found.filter((item) => item.type === 'checkpoint');
  return {
    documents: found.filter((item) => item.type === 'document'),
    rejected: found.filter((item) => item.type === 'rejected'),
    parts: found
      .filter((item) => item.type === 'part')
      .map(({ name, status, note, items }) => ({
        name,
        status,
        ...(note === undefined ? {} : { note }),
        ...(items === undefined ? {} : { items }),
      })),
    state: checkpoints.at(-1)?.state,
    error: error ?? whyAllFailed(found),
  };
}

/** The engine ends a run as failed when all of its parts failed. */
function whyAllFailed(found: readonly CollectedItem[]): unknown {
  const parts = found.filter((item) => item.type === 'part');
  return parts.every(({ status }) => status === 'failed') ? parts[0]?.error : undefined;
}

const errorClassOf = (error: unknown) => (error instanceof JobError ? error.errorClass : error);
const rowsOf = ({ documents }: Outcome) => documents.map(({ payload }) => payload?.['row']);
const fingerprints = ({ documents }: Outcome) =>
  documents.map(({ identity }) => fingerprintOf('kaggle', identity));

/** The open download files of this process, from /proc. */
async function openDownloads(): Promise<string[]> {
  const targets = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  );
  return (await Promise.all(targets)).filter((target) => target.includes('sonotheque-download-'));
}

describe('the kind kaggle', () => {
  test('reads each row of a new version, and makes one request for a known version', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': generatedReviews(3) } });
    const dataset = { titleColumn: 'title', textColumn: 'text', dateColumn: 'date', keyColumns: ['id'] };
    const first = await collect({ dataset });
    expect(first.error).toBeUndefined();
    expect(first.documents[1]).toEqual({
      type: 'document',
      key: JSON.stringify([REF, 'reviews.csv', '2']),
      identity: {
        dataset: REF,
        file: 'reviews.csv',
        values: ['2', '2026-10-02', 'Review 2, in short', 'It was "number 2".'],
      },
      url: `https://www.kaggle.com/datasets/${REF}`,
      title: 'Review 2, in short',
      text: 'It was "number 2".',
      publishedAt: new Date('2026-10-02T00:00:00Z'),
      payload: {
        dataset: REF,
        file: 'reviews.csv',
        version: 1,
        licence: 'CC0-1.0',
        row: { id: '2', date: '2026-10-02', title: 'Review 2, in short', text: 'It was "number 2".' },
      },
    });
    expect(first.parts).toEqual([
      { name: REF, status: 'success', items: 3, note: 'version 1, licence CC0-1.0' },
    ]);

    upstream.requests.length = 0;
    const second = await collect({ dataset, state: first.state });
    expect(second).toEqual({
      documents: [],
      rejected: [],
      parts: [{ name: REF, status: 'unchanged', note: 'Still version 1.' }],
      state: undefined,
      error: undefined,
    });
    expect(upstream.requests).toHaveLength(1);
  });

  test('a new version has all rows again with the same identities', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': 'id,text\n1,one\n2,two\n' } });
    const first = await collect({ dataset: { keyColumns: ['id'] } });
    await upstream.publish(REF, { files: { 'reviews.csv': 'id,text\n0,zero\n1,one\n2,changed\n' } });
    const second = await collect({ dataset: { keyColumns: ['id'] }, state: first.state });
    const known = new Set(fingerprints(first));
    expect(second.documents.map((_document, index) => known.has(fingerprints(second)[index] ?? ''))).toEqual([
      false,
      true,
      false,
    ]);
    expect(second.documents[2]?.key).toBe(first.documents[1]?.key);
    expect(upstream.requests.filter(({ path: asked }) => asked.includes('/2/'))).toHaveLength(1);
  });

  test('a version is read again when the settings select other rows', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': generatedReviews(5) } });
    const first = await collect({ settings: { maxRows: 2 } });
    expect(first.documents).toHaveLength(2);
    expect(first.parts[0]?.note).toContain('only the first 2 rows');
    expect((await collect({ settings: { maxRows: 2 }, state: first.state })).parts[0]?.status).toBe(
      'unchanged',
    );
    expect((await collect({ settings: { maxRows: 9 }, state: first.state })).documents).toHaveLength(5);
  });

  test('credentials of either kind are sent to the API only', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': generatedReviews(1) } });
    for (const [credentials, sent] of [
      [BASIC, AUTHORIZATION],
      [{ kind: 'bearer', token: 'secret-token' }, 'Bearer secret-token'],
    ] as const) {
      upstream.requests.length = 0;
      upstream.expectedAuthorization = sent;
      const outcome = await collect({ credentials });
      expect(outcome.documents).toHaveLength(1);
      expect(upstream.requests.map(({ service, authorization }) => [service, authorization])).toEqual([
        ['api', sent],
        ['api', sent],
        ['storage', undefined],
      ]);
    }
  });

  test('yields nothing of a download with a wrong checksum', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': generatedReviews(3) }, checksum: 'wrong' });
    const outcome = await collect();
    expect(outcome.documents).toEqual([]);
    expect(outcome.state).toBeUndefined();
    expect(errorClassOf(outcome.error)).toBe('source_format');
    expect(outcome.parts[0]?.status).toBe('failed');
  });

  test('accepts a download without a checksum and reports it', async () => {
    await upstream.publish(REF, { files: { 'reviews.csv': generatedReviews(1) }, checksum: 'none' });
    expect((await collect()).parts[0]?.note).toContain('the server sent no checksum');
  });

  test('reads files in folders, only the configured ones', async () => {
    const files = {
      'README.md': '# no table',
      '__MACOSX/._a.csv': 'x\n9\n',
      'data/2025/a.csv': 'x\n1\n',
      'data/b.tsv': 'x\ty\n2\t3\n',
      'c.csv': 'x\n4\n',
    };
    for (const packing of ['zip', 'tar.gz'] as const) {
      await upstream.publish(REF, { files, packing });
      const all = await collect();
      expect(rowsOf(all)).toEqual([{ x: '1' }, { x: '2', y: '3' }, { x: '4' }]);
      expect(all.documents[0]?.identity['file']).toBe('data/2025/a.csv');
      const named = await collect({ dataset: { files: ['data/2025/a.csv', 'c.csv'] } });
      expect(rowsOf(named)).toEqual([{ x: '1' }, { x: '4' }]);
      const missing = await collect({ dataset: { files: ['c.csv', 'gone.csv'] } });
      expect(errorClassOf(missing.error)).toBe('source_settings');
      // The same version is not downloaded again for the same mistake.
      upstream.requests.splice(0);
      const again = await collect({ dataset: { files: ['c.csv', 'gone.csv'] }, state: missing.state });
      expect(errorClassOf(again.error)).toBe('source_settings');
      expect(again.documents).toEqual([]);
      expect(upstream.requests).toHaveLength(1);
    }
  });

  test('accepts a single table, also compressed', async () => {
    const text = Buffer.from('x\n1\n');
    await upstream.publish(REF, { content: text, name: 'only.csv' });
    const plain = await collect();
    expect(plain.documents[0]?.identity).toEqual({ dataset: REF, file: 'only.csv', values: ['1'] });
    await upstream.publish(REF, { content: gzipSync(text), name: 'only.csv.gz' });
    expect(fingerprints(await collect())).toEqual(fingerprints(plain));
    await upstream.publish(REF, {
      content: zipArchive([{ name: 'only.csv', content: text }]),
      name: 'only.csv.zip',
    });
    expect(fingerprints(await collect())).toEqual(fingerprints(plain));
    await upstream.publish(REF, { content: text, name: 'download' });
    expect((await collect()).documents[0]?.identity['file']).toBe('fon-reviews.csv');
  });

  test('accepts an archive that was compressed again in transfer, without its checksum', async () => {
    const archive = zipArchive([{ name: 'a.csv', content: Buffer.from('x\n1\n') }]);
    await upstream.publish(REF, { content: gzipSync(archive), headers: { 'Content-Encoding': 'gzip' } });
    expect(rowsOf(await collect())).toEqual([{ x: '1' }]);
  });

  test('reads Latin-1, a byte order mark, semicolons and tabs', async () => {
    await upstream.publish(REF, {
      files: {
        'a.csv': Buffer.from('ville;note\nAbomey-Calavi;été\n', 'latin1'),
        'b.csv': '\uFEFFville;note\nCotonou;été\n',
        'c.csv': 'ville\tnote\nOuidah\tété, "hm"\n',
      },
    });
    const outcome = await collect();
    expect(rowsOf(outcome)).toEqual([
      { ville: 'Abomey-Calavi', note: 'été' },
      { ville: 'Cotonou', note: 'été' },
      { ville: 'Ouidah', note: 'été, "hm"' },
    ]);
    expect(outcome.rejected).toEqual([]);
  });

  test('rejects broken rows with their lines and continues', async () => {
    await upstream.publish(REF, {
      files: {
        'a.csv': 'id,text\n1,one\n2,two,three\n\n3,"open\n4,four\n5\n6,"six"x\n7,"se\nven"\n8,eight,\n',
      },
    });
    const outcome = await collect();
    expect(rowsOf(outcome)).toEqual([
      { id: '1', text: 'one' },
      { id: '4', text: 'four' },
      { id: '7', text: 'se\nven' },
      { id: '8', text: 'eight' },
    ]);
    expect(outcome.rejected.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['wrong_number_of_columns', `${REF}/a.csv, line 3`],
      ['broken_quotes', `${REF}/a.csv, line 5`],
      ['wrong_number_of_columns', `${REF}/a.csv, line 7`],
      ['broken_quotes', `${REF}/a.csv, line 8`],
    ]);
    expect(outcome.parts[0]).toMatchObject({ status: 'success', items: 8 });
  });

  test('rejects names that point outside the archive, and encrypted files, and reads the others', async () => {
    const good = { name: 'good.csv', content: Buffer.from('x\n1\n') };
    const slip = zipArchive([
      { name: '../../etc/evil.csv', content: good.content },
      { name: '/etc/evil.csv', content: good.content },
      { name: '..\\evil.csv', content: good.content },
      { name: 'C:\\evil.csv', content: good.content },
      { name: 'locked.csv', content: good.content },
      good,
    ]);
    // Bit 0 of the flags, at offset 8 of an entry of the central directory: encrypted.
    const entry = slip.lastIndexOf('locked.csv') - 46;
    slip.writeUInt16LE(slip.readUInt16LE(entry + 8) | 1, entry + 8);
    await upstream.publish(REF, { content: slip });
    const zip = await collect();
    expect(rowsOf(zip)).toEqual([{ x: '1' }]);
    expect(zip.rejected.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['unsafe_name', '../../etc/evil.csv'],
      ['unsafe_name', '/etc/evil.csv'],
      ['unsafe_name', '../evil.csv'],
      ['unsafe_name', 'C:/evil.csv'],
      ['encrypted', 'locked.csv'],
    ]);

    const tar = pack();
    tar.entry({ name: '../evil.csv' }, good.content);
    tar.entry({ name: 'link.csv', type: 'symlink', linkname: '/etc/passwd' });
    tar.entry({ name: './good.csv' }, good.content);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
    await upstream.publish(REF, { content: gzipSync(Buffer.concat(chunks)) });
    const unpacked = await collect();
    expect(rowsOf(unpacked)).toEqual([{ x: '1' }]);
    expect(unpacked.rejected.map(({ reason }) => reason)).toEqual(['unsafe_name', 'no_file']);
  });

  test('refuses archives within the archive with a reason, and reads the tables beside them', async () => {
    const table = Buffer.from('x\n1\n');
    const inner = zipArchive([{ name: 'a.csv', content: table }]);
    const nested = [
      { name: 'more.zip', content: inner },
      { name: 'b.csv.gz', content: gzipSync(table) },
      // An archive with the name of a table.
      { name: 'c.csv', content: inner },
    ];
    await upstream.publish(REF, { content: zipArchive([...nested, { name: 'good.csv', content: table }]) });
    const outcome = await collect();
    expect(rowsOf(outcome)).toEqual([{ x: '1' }]);
    expect(outcome.rejected.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['nested_archive', 'more.zip'],
      ['nested_archive', 'b.csv.gz'],
      ['nested_archive', `${REF}/c.csv`],
    ]);

    await upstream.publish(REF, { content: zipArchive(nested.slice(0, 2)) });
    const { error } = await collect();
    expect(errorClassOf(error)).toBe('source_settings');
    expect(String(error)).toContain('Archives within its archive are not unpacked (2).');

    const tar = pack();
    tar.entry({ name: 'more.tar' }, inner);
    tar.entry({ name: 'c.csv' }, inner);
    tar.entry({ name: 'good.csv' }, table);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
    await upstream.publish(REF, { content: gzipSync(Buffer.concat(chunks)) });
    const unpacked = await collect();
    expect(rowsOf(unpacked)).toEqual([{ x: '1' }]);
    expect(unpacked.rejected.map(({ reason }) => reason)).toEqual(['nested_archive', 'nested_archive']);
  });

  test('says where the column names are when a title stands above them', async () => {
    await upstream.publish(REF, { files: { 'a.csv': 'All reviews\nid,text\n1,a\n2,b\n3,c\n' } });
    const outcome = await collect({ dataset: { keyColumns: ['id'] } });
    expect(rowsOf(outcome)).toHaveLength(3);
    expect(outcome.parts[0]?.note).toContain('a.csv has its column names in line 2');
  });

  test('limits the download and the unpacked size, also when an archive states false sizes', async () => {
    const bomb = Buffer.from(`x\n${'0\n'.repeat(500_000)}`);
    await upstream.publish(REF, { files: { 'a.csv': bomb } });
    expect(errorClassOf((await collect({ settings: { maxBytes: 100 } })).error)).toBe('too_large');
    const limited = await collect({ settings: { maxUnpackedBytes: 100_000 } });
    expect(errorClassOf(limited.error)).toBe('too_large');
    expect(limited.documents).toEqual([]);

    await upstream.publish(REF, { files: { 'a.csv': bomb }, packing: 'tar.gz' });
    expect(errorClassOf((await collect({ settings: { maxUnpackedBytes: 100_000 } })).error)).toBe(
      'too_large',
    );

    await upstream.publish(REF, {
      content: zipArchive([{ name: 'a.csv', content: bomb, uncompressedSize: 50_000 }]),
    });
    const lying = await collect({ settings: { maxUnpackedBytes: 100_000 } });
    expect(errorClassOf(lying.error)).toBe('source_format');
    expect(lying.documents.length).toBeLessThan(50_000);
    expect(lying.state).toBeUndefined();
  });

  test('retries damaged archives later', async () => {
    const archive = zipArchive([{ name: 'a.csv', content: Buffer.from(generatedReviews(2000)) }]);
    for (const content of [
      archive.subarray(0, archive.length / 2),
      gzipSync(archive).subarray(0, 100),
      zipArchive([{ name: 'a.csv', content: Buffer.from('x\n1\n'), crc32: 1 }]),
    ]) {
      await upstream.publish(REF, { content });
      const outcome = await collect();
      expect(errorClassOf(outcome.error)).toBe('source_format');
      expect(outcome.state).toBeUndefined();
    }
  });

  test('treats a web page instead of the files as refused access', async () => {
    await upstream.publish(REF, {
      content: Buffer.from('<!DOCTYPE html><title>Sign in</title>'),
      headers: { 'Content-Type': 'text/html' },
    });
    expect(errorClassOf((await collect()).error)).toBe('source_refused');
  });

  test('reports a dataset without tables, an empty file and a missing key column', async () => {
    await upstream.publish(REF, { files: { 'a.json': '{}' } });
    expect(errorClassOf((await collect()).error)).toBe('source_settings');
    await upstream.publish(REF, { files: { 'a.csv': '', 'b.csv': '\n\n' } });
    expect((await collect()).rejected.map(({ reason }) => reason)).toEqual(['no_header', 'no_header']);
    await upstream.publish(REF, { files: { 'a.csv': 'x\n1\n' } });
    const noKey = await collect({ dataset: { keyColumns: ['id'] } });
    expect(errorClassOf(noKey.error)).toBe('source_settings');
    expect(String(noKey.error)).toContain('a.csv has no column id');
    const noTitle = await collect({ dataset: { titleColumn: 'name' } });
    expect(errorClassOf(noTitle.error)).toBe('source_settings');
    expect(String(noTitle.error)).toContain('has a column name; the first has x.');
  });

  test('gives refused access, a missing dataset and Retry-After their own error classes', async () => {
    await upstream.publish(REF, { files: { 'a.csv': 'x\n1\n' } });
    const wrong = await collect({ credentials: { ...BASIC, key: 'wrong' } });
    expect(errorClassOf(wrong.error)).toBe('source_refused');
    expect(errorClassOf((await collect({ dataset: { ref: 'amina/gone' } })).error)).toBe('source_missing');
    const bodies = [
      { code: 429, message: 'TooManyRequests' },
      { error: { code: 429, message: 'Too many requests', status: 'RESOURCE_EXHAUSTED' } },
    ];
    for (const body of bodies) {
      for (const status of [429, 200]) {
        upstream.failNext('view', { status, body });
        const limited = await collect();
        expect(errorClassOf(limited.error)).toBe('source_limited');
        expect(limited.parts).toEqual([]);
      }
      upstream.failNext('download', { status: 429, body });
      expect(errorClassOf((await collect()).error)).toBe('source_limited');
    }
    upstream.failNext('storage', { status: 503 });
    expect(errorClassOf((await collect()).error)).toBe('server_error');
  });

  test('shows no key or signature in any message', async () => {
    await upstream.publish(REF, { files: { 'a.csv': 'x\n1\n' } });
    upstream.failNext('storage', { status: 403 });
    const { error, parts } = await collect();
    const told = `${String(error)} ${JSON.stringify(parts)}`;
    for (const secret of ['secret-key', AUTHORIZATION.slice(6), '0123abcd'])
      expect(told).not.toContain(secret);
  });

  test('collects the other datasets when one fails', async () => {
    await upstream.publish('amina/other', { files: { 'a.csv': 'x\n1\n' } });
    const datasets = [{ ref: 'amina/gone' }, { ref: 'amina/other' }];
    const outcome = await collect({ settings: { datasets } });
    expect(outcome.error).toBeUndefined();
    expect(outcome.parts.map(({ status }) => status)).toEqual(['failed', 'success']);
    expect(outcome.documents).toHaveLength(1);
  });

  test('keeps a download in an unnamed file that is closed, also after a failure or an interruption', async () => {
    for (const packing of ['zip', 'tar.gz'] as const) {
      await upstream.publish(REF, { files: { 'a.csv': generatedReviews(4_000) }, packing });
      for await (const item of run()) {
        expect(item.type).toBe('document');
        // An unnamed file is removed with its process, so that a kill leaves nothing.
        expect(await openDownloads()).toEqual([expect.stringMatching(/ \(deleted\)$/)]);
        break;
      }
      expect(await openDownloads()).toEqual([]);
      const controller = new AbortController();
      let seen = 0;
      const interrupted = (async () => {
        for await (const item of run({ signal: controller.signal })) {
          seen += item.type === 'document' ? 1 : 0;
          if (seen === 10) controller.abort();
        }
      })();
      await expect(interrupted).rejects.toMatchObject({ outcome: 'interrupted' });
      expect(seen).toBeLessThan(4_000);
      expect(await openDownloads()).toEqual([]);
      expect((await collect()).documents).toHaveLength(4_000);
      expect(await openDownloads()).toEqual([]);
    }
  });

  test('is disabled without credentials', () => {
    const access = {
      openWeatherMap: { url: '', key: undefined },
      kaggle: { url: '', credentials: undefined },
      gdelt: { url: '' },
    };
    expect(kaggle.missingKey(access)).toBe('KAGGLE_USERNAME and KAGGLE_KEY, or KAGGLE_API_TOKEN');
    expect(kaggle.missingKey({ ...access, kaggle: { url: '', credentials: BASIC } })).toBeUndefined();
  });
});

const sourceOf = (file: string) => new URL(`../../src/${file}`, import.meta.url).href;
const SCRIPT = `
import { readdir, statfs } from 'node:fs/promises';
import { kaggle } from '${sourceOf('collectors/kinds/kaggle.ts')}';
import { createHttpClient } from '${sourceOf('runtime/http-client/create-http-client.ts')}';
import { createSilentLogger } from '${sourceOf('runtime/logger.ts')}';
const { settings, access } = JSON.parse(process.argv[1]);
const http = createHttpClient({ userAgent: 'Sonotheque/test', timeoutMs: 20000, allowPrivateAddresses: true });
const found = kaggle.collect({
  settings: kaggle.settingsSchema.parse(settings),
  ...{ access, http, signal: new AbortController().signal, logger: createSilentLogger(), now: () => new Date() },
});
const types = [];
let error = {};
try {
  for await (const item of found) {
    types.push(item.type);
    error = item.error ?? error;
  }
} catch (thrown) {
  error = thrown;
}
const { errorClass, outcome, message } = error;
const left = await readdir(process.env.TMPDIR);
const { bavail, bsize } = await statfs(process.env.TMPDIR);
const hasRoom = bavail * bsize > 100_000;
console.log(JSON.stringify({ types, errorClass, outcome, message, left, hasRoom }));
await http.close();
`;

/** Only root may mount the small disk that these tests fill. */
const canMount = process.getuid?.() === 0 && process.platform === 'linux';
if (!canMount) {
  process.stderr.write('SKIPPED: the test of a full disk needs root, to mount a small file system.\n');
}

(canMount ? test : test.skip)(
  'a disk that is full ends the run with that reason; nothing stays there, and it goes on when there is room',
  async () => {
    const disk = await mkdtemp(path.join(tmpdir(), 'sonotheque-disk-'));
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    // In another process: within Jest, TMPDIR cannot be changed for Node.
    const runThere = async () => {
      const settings = { datasets: [{ ref: REF }] };
      const access = { kaggle: { url: apiServer.addressOf('kaggle'), credentials: BASIC } };
      const args = ['--input-type=module', '--eval', SCRIPT, JSON.stringify({ settings, access })];
      const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: disk };
      return JSON.parse((await execute(process.execPath, args, { env })).stdout) as unknown;
    };
    try {
      const filler = path.join(disk, 'filler');
      await writeFile(filler, Buffer.alloc(900_000));
      const content = `x\n${randomBytes(300_000).toString('hex')}\n`;
      await upstream.publish(REF, { files: { 'a.csv': Buffer.from(content) } });
      expect(await runThere()).toEqual({
        types: [],
        errorClass: 'disk_full',
        outcome: 'operator',
        message: 'Writing to the directory for temporary files (TMPDIR): no space left on the disk.',
        // Nothing of the download is left while the process still runs.
        left: ['filler'],
        hasRoom: true,
      });
      await rm(filler);
      expect(await runThere()).toMatchObject({ types: ['document', 'part', 'checkpoint'], left: [] });
    } finally {
      await execute('umount', ['--lazy', disk]);
      await rm(disk, { recursive: true });
    }
  },
);
