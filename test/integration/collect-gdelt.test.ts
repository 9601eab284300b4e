import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { crc32 } from 'node:zlib';
import { GdeltUpstream, lineOf } from '../../local/upstreams/gdelt.ts';
import { generatedEvent } from '../../local/upstreams/gdelt-events.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { zipArchive } from '../../local/upstreams/zip-archive.ts';
import { gdelt } from '../../src/collectors/kinds/gdelt.ts';
import { EVENT_STREAMS } from '../../src/collectors/kinds/gdelt/listing.ts';
import { slotAfter } from '../../src/collectors/kinds/gdelt/slots.ts';
import { collectOnce, type Collected } from '../support/collecting.ts';

const SLOT = '20261121110000';
const NOW = new Date('2026-11-21T11:05:00Z');
const [ENGLISH] = EVENT_STREAMS;
let upstream: GdeltUpstream;
let server: RunningUpstreams;

beforeEach(async () => {
  upstream = new GdeltUpstream();
  server = await startUpstreams([upstream]);
});
afterEach(() => server.close());

interface Options {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly state?: unknown;
  readonly now?: Date;
  readonly untilCheckpoint?: number;
}

function collect({ settings = {}, now = NOW, ...rest }: Options = {}): Promise<Collected> {
  return collectOnce({
    kind: gdelt,
    settings,
    access: { gdelt: { url: server.addressOf('gdelt') } },
    now,
    ...rest,
  });
}

/** Publishes a slot with as many events, numbered from the slot on so that none repeats. */
function publish(slot: string, count = 2): string[] {
  const first = Number(slot.slice(4, 12)) * 100;
  const rows = Array.from({ length: count }, (_value, index) => generatedEvent(first + index, slot));
  upstream.publish(slot, rows);
  return rows.map(([eventId = '']) => eventId);
}

const idsOf = ({ documents }: Collected) => documents.map(({ identity }) => identity['event_id']);
const partsOf = ({ parts }: Collected) => parts.map(({ name, status }) => `${name} ${status}`);
const stateOf = (newest: string, pending: unknown[] = [], gaps: unknown[] = []) => ({
  english: { newest, pending, gaps },
});

/** The same archive with another file date: complete and valid, but not the listed one. */
function redated(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy.writeUInt16LE(0x22, 12);
  return copy;
}

/** The same archive with a comment of one letter: complete and valid, but longer than listed. */
function commented(archive: Buffer): Buffer {
  const copy = Buffer.concat([archive, Buffer.from('x')]);
  copy.writeUInt16LE(1, archive.length - 2);
  return copy;
}

/** The same archive with one byte of its data changed. */
function damaged(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy[60] = (copy[60] ?? 0) ^ 0xff;
  return copy;
}

describe('the newest slot', () => {
  test('is taken from the configured address with all its fields, and once only', async () => {
    upstream.publish(SLOT, [generatedEvent(3, SLOT, { event_code: '042', actor2_name: '' })]);
    const first = await collect();
    expect(first.error).toBeUndefined();
    expect(first.documents).toEqual([
      {
        type: 'document',
        identity: { event_id: '1200000003' },
        publishedAt: new Date('2026-11-21T11:00:00Z'),
        url: 'https://news.example/articles/3',
        payload: expect.objectContaining({
          event_code: '042',
          mention_count: 4,
          average_tone: -1.6293279022403,
          // A quotation mark does not quote.
          actor1_name: 'ACTOR 3 "THE FIRST"',
          action_geo_full_name: 'The "City", London, United Kingdom',
          action_geo_country_code: 'UK',
        }),
      },
    ]);
    expect(first.documents[0]?.payload).not.toHaveProperty('actor2_name');
    expect(first.parts).toEqual([{ type: 'part', name: `english ${SLOT}`, status: 'success', items: 1 }]);
    expect(first.state).toEqual(stateOf(SLOT));
    const second = await collect({ state: first.state });
    expect(second).toMatchObject({ documents: [], checkpoints: 0, error: undefined });
    expect(partsOf(second)).toEqual(['english unchanged']);
    expect(upstream.requests.map(({ file }) => file)).toEqual([
      'lastupdate.txt',
      `${SLOT}.export.CSV.zip`,
      'lastupdate.txt',
    ]);
  });

  test('that is not published yet is no failure, and later runs take it while newer slots continue', async () => {
    const [id] = publish(SLOT, 1);
    upstream.statuses.set(`${SLOT}.export.CSV.zip`, 404);
    const first = await collect();
    expect(first).toMatchObject({ documents: [], error: undefined });
    expect(partsOf(first)).toEqual([`english ${SLOT} skipped`]);
    expect(first.state).toEqual(stateOf(SLOT, [{ slot: SLOT, tries: 1, under: SLOT }]));
    const next = slotAfter(SLOT);
    const [nextId] = publish(next, 1);
    const second = await collect({ state: first.state });
    expect(idsOf(second)).toEqual([nextId]);
    upstream.statuses.clear();
    const third = await collect({ state: second.state });
    expect(idsOf(third)).toEqual([id]);
    expect(third.state).toEqual(stateOf(next));
  });

  test.each([
    ['a valid archive of another MD5', () => redated(upstream.archive(SLOT))],
    ['a valid archive of another size', () => commented(upstream.archive(SLOT))],
    ['other bytes of the same length', () => damaged(upstream.archive(SLOT))],
    ['a shorter file', () => upstream.archive(SLOT).subarray(0, -1)],
  ])('with %s is not taken in part: the run fails and keeps the cursor', async (_label, broken) => {
    publish(SLOT, 500);
    const good = upstream.archive(SLOT);
    upstream.corrupt(SLOT, broken());
    const before = stateOf(slotAfter(SLOT, -1));
    const first = await collect({ state: before });
    expect(first.error).toMatchObject({ outcome: 'transient', errorClass: 'source_format' });
    expect(first).toMatchObject({ documents: [], rejected: [], checkpoints: 0 });
    upstream.corrupt(SLOT, good);
    expect((await collect({ state: before })).documents).toHaveLength(500);
  });
});

describe('an archive with the size and checksum of the list', () => {
  const content = Buffer.from(`${generatedEvent(1, SLOT).join('\t')}\n`);
  const name = `${SLOT}.export.CSV`;

  test.each([
    ['the name of another slot', [{ name: '20261121104500.export.CSV', content }]],
    ['another name', [{ name: '../../etc/passwd', content }]],
    [
      'two files',
      [
        { name, content },
        { name: 'more', content },
      ],
    ],
    ['no file', []],
    ['a wrong CRC-32', [{ name, content, crc32: (crc32(content) ^ 1) >>> 0 }]],
    ['a wrong size', [{ name, content, uncompressedSize: content.length - 1 }]],
    [
      'a row without an end',
      [{ name, content: Buffer.concat([content, Buffer.alloc(2 ** 21, 'x'), content]) }],
    ],
    ['a size without bound', [{ name, content, uncompressedSize: 2 ** 31 }]],
  ])('but with %s is refused before a row of it is taken', async (_label, files) => {
    upstream.publishArchive(SLOT, zipArchive(files));
    const { error, documents, checkpoints } = await collect();
    expect(error).toMatchObject({ errorClass: 'source_format' });
    expect({ documents, checkpoints }).toEqual({ documents: [], checkpoints: 0 });
  });

  test('that is not an archive is refused', async () => {
    upstream.publishArchive(SLOT, Buffer.from('<html>not found</html>'));
    expect((await collect()).error).toMatchObject({ errorClass: 'source_format' });
  });
});

describe('catching up', () => {
  const slots = [-3, -2, -1, 0].map((count) => slotAfter(SLOT, count));

  test('walks from the cursor to the newest, with the MD5 of older slots from the end of the master list', async () => {
    const ids = Array.from({ length: 400 }, (_value, index) => slotAfter(SLOT, index - 399)).map((slot) => [
      slot,
      publish(slot),
    ]);
    const { documents, parts, state, checkpoints, error } = await collect({
      state: stateOf(slotAfter(SLOT, -4)),
    });
    expect(error).toBeUndefined();
    expect(documents.map(({ identity }) => identity['event_id'])).toEqual(
      ids.slice(-4).flatMap(([, own]) => own),
    );
    expect(parts).toEqual(
      slots.map((slot) => ({ type: 'part', name: `english ${slot}`, status: 'success', items: 2 })),
    );
    expect({ state, checkpoints }).toEqual({ state: stateOf(SLOT), checkpoints: 4 });
    const master = upstream.requests.filter(({ file }) => file === 'masterfilelist.txt');
    expect(master).toEqual([{ file: 'masterfilelist.txt', range: expect.stringMatching(/^bytes=-\d+$/) }]);
  });

  test('does not read a truncated line of the master list as a smaller size', async () => {
    for (const slot of slots) publish(slot);
    const older = slotAfter(SLOT, -1);
    const [newestLine, olderLine] = [SLOT, older].map((slot) =>
      lineOf(ENGLISH, slot, upstream.archive(slot)),
    );
    // From the second digit of the older size on.
    upstream.maxRangeBytes = `${olderLine ?? ''}\n${newestLine ?? ''}\n`.length - 1;
    const { parts, error } = await collect({ state: stateOf(slotAfter(SLOT, -2)) });
    expect(error).toBeUndefined();
    expect(parts[0]).toMatchObject({ name: `english ${older}`, status: 'success', note: expect.any(String) });
  });

  test.each([
    [
      'is missing',
      () => {
        upstream.hideMasterLists();
      },
    ],
    [
      'is sent completely and is too long',
      () => {
        upstream.supportsRange = false;
        for (let count = 0; count < 500; count += 1) upstream.list('x', 'y'.repeat(100));
        publishListing();
      },
    ],
  ])('uses the checksum of the archive when the master list %s, and reports it', async (_label, prepare) => {
    for (const slot of slots) publish(slot);
    prepare();
    const { parts, documents, error } = await collect({ state: stateOf(slotAfter(SLOT, -2)) });
    expect(error).toBeUndefined();
    expect(documents).toHaveLength(4);
    expect(parts).toEqual([
      {
        type: 'part',
        name: `english ${slots[2] ?? ''}`,
        status: 'success',
        items: 2,
        note: expect.stringContaining('No MD5'),
      },
      { type: 'part', name: `english ${SLOT}`, status: 'success', items: 2 },
    ]);
  });

  test('refuses an older slot with another MD5 while newer ones continue, and retries it', async () => {
    const ids = slots.map((slot) => publish(slot, 1)[0]);
    const [, broken = ''] = slots;
    const good = upstream.archive(broken);
    upstream.corrupt(broken, damaged(good));
    const first = await collect({ state: stateOf(slotAfter(SLOT, -4)) });
    expect(first.error).toBeUndefined();
    expect(idsOf(first)).toEqual([ids[0], ids[2], ids[3]]);
    expect(partsOf(first)[1]).toBe(`english ${broken} failed`);
    expect(first.state).toEqual(stateOf(SLOT, [{ slot: broken, tries: 1, under: SLOT }]));
    upstream.corrupt(broken, good);
    const second = await collect({ state: first.state });
    expect(idsOf(second)).toEqual([ids[1]]);
    expect(second.state).toEqual(stateOf(SLOT));
  });

  test('gives up a missing slot after as many listings as configured, not after as many requests', async () => {
    publish(SLOT);
    upstream.statuses.set(`${SLOT}.export.CSV.zip`, 404);
    let state: unknown;
    for (let count = 0; count < 10; count += 1)
      ({ state } = await collect({ state, settings: { maxTries: 3 } }));
    expect(state).toEqual(stateOf(SLOT, [{ slot: SLOT, tries: 1, under: SLOT }]));
    const notes: (string | undefined)[] = [];
    for (const count of [1, 2, 3]) {
      publish(slotAfter(SLOT, count));
      const run = await collect({ state, settings: { maxTries: 3 } });
      state = run.state;
      notes.push(run.parts.find(({ name }) => name === `english ${SLOT}`)?.note);
    }
    expect(notes).toEqual([
      expect.stringContaining('2 of 3'),
      expect.stringContaining('recorded as a gap'),
      undefined,
    ]);
    expect(state).toEqual(stateOf(slotAfter(SLOT, 3), [], [{ from: SLOT, to: SLOT, reason: 'missing' }]));
  });

  test('records slots older than the limit as one gap', async () => {
    for (const slot of slots) publish(slot, 1);
    const { parts, state, documents } = await collect({
      state: stateOf(slotAfter(SLOT, -200)),
      settings: { maxSlots: 3 },
    });
    expect(documents).toHaveLength(3);
    expect(parts[0]).toMatchObject({ status: 'skipped', note: expect.stringContaining('197 slots') });
    expect(state).toEqual(
      stateOf(SLOT, [], [{ from: slotAfter(SLOT, -199), to: slotAfter(SLOT, -3), reason: 'too_old' }]),
    );
  });

  test('continues after a crash from the last finished slot', async () => {
    const ids = slots.map((slot) => publish(slot, 1)[0]);
    const first = await collect({ state: stateOf(slotAfter(SLOT, -4)), untilCheckpoint: 2 });
    const second = await collect({ state: first.state });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
  });
});

describe('clocks and caches', () => {
  test('an older listing changes nothing, and no slot in between is lost', async () => {
    const newer = slotAfter(SLOT, 2);
    const state = stateOf(newer, [{ slot: slotAfter(SLOT), tries: 1, under: newer }]);
    publish(SLOT);
    const first = await collect({ state });
    expect(first).toMatchObject({ documents: [], checkpoints: 0, error: undefined, state });
    expect(partsOf(first)).toEqual(['english unchanged']);
    const [id] = publish(slotAfter(SLOT), 1);
    publish(newer);
    const [latest] = publish(slotAfter(SLOT, 3), 1);
    const second = await collect({ state: first.state });
    expect(idsOf(second)).toEqual([id, latest]);
  });

  test('a clock of this machine that is set back by a year delays nothing', async () => {
    const ids = publish(SLOT, 1);
    const now = new Date('2025-11-21T11:05:00Z');
    expect(idsOf(await collect({ state: stateOf(slotAfter(SLOT, -1)), now }))).toEqual(ids);
  });

  test('a listing of the far future does not move the cursor', async () => {
    publish('20991121110000');
    const state = stateOf(SLOT);
    const first = await collect({ state });
    expect(first).toMatchObject({ checkpoints: 0, error: { errorClass: 'source_format' } });
    expect(first.parts.filter(({ status }) => status === 'skipped')).toEqual([]);
    expect(await collect()).toMatchObject({ checkpoints: 0, error: { errorClass: 'source_format' } });
  });

  test.each(['', 'garbage\n', '12 nomd5 http://x/20261121110000.export.CSV.zip\n', '<html></html>'])(
    'a listing that names no export (%j) fails the run',
    async (text) => {
      upstream.setListing(text);
      expect(await collect()).toMatchObject({ checkpoints: 0, error: { errorClass: 'source_format' } });
    },
  );
});

describe('rows', () => {
  test('that differ from the codebook are rejected with their reason, the others are accepted', async () => {
    const row = (number: number, overrides: Record<string, string> = {}) =>
      generatedEvent(number, SLOT, overrides).join('\t');
    upstream.publishText(
      SLOT,
      [
        row(1),
        row(2).split('\t').slice(1).join('\t'),
        `${row(3)}\textra`,
        row(4, { event_id: 'abc' }),
        row(5, { date_added: '20261399000000' }),
        row(6, { average_tone: 'high' }),
        '',
        row(7, { actor1_name: '"unclosed', source_url: 'Radio, 21 November' }),
      ].join('\n'),
    );
    const { documents, rejected, parts } = await collect();
    expect(idsOf({ documents } as Collected)).toEqual(['1200000001', '1200000007']);
    expect(documents[1]).not.toHaveProperty('url');
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'wrong_column_count',
      'wrong_column_count',
      'invalid_event_id',
      'invalid_date',
      'invalid_number',
    ]);
    expect(rejected[0]?.detail).toBe(`slot ${SLOT}, line 2: 60 columns, not 61`);
    expect(parts[0]?.items).toBe(7);
  });

  test('are accepted when they pass every configured filter', async () => {
    upstream.publish(SLOT, [
      generatedEvent(1, SLOT, { action_geo_country_code: 'FR', mention_count: '5', event_root_code: '14' }),
      generatedEvent(2, SLOT, {
        action_geo_country_code: 'GM',
        actor2_geo_country_code: 'FR',
        mention_count: '9',
        event_root_code: '14',
      }),
      generatedEvent(3, SLOT, { action_geo_country_code: 'GM', mention_count: '9', event_root_code: '14' }),
      generatedEvent(4, SLOT, { action_geo_country_code: 'FR', mention_count: '4', event_root_code: '14' }),
      generatedEvent(5, SLOT, { action_geo_country_code: 'FR', mention_count: '9', event_root_code: '04' }),
    ]);
    const settings = { countries: ['FR'], minMentions: 5, eventRootCodes: ['14'] };
    expect(idsOf(await collect({ settings }))).toEqual(['1200000001', '1200000002']);
  });
});

describe('the translated stream', () => {
  test('has its own cursor, and one failing stream does not end the other', async () => {
    publish(SLOT, 1);
    upstream.publish(SLOT, [generatedEvent(900, SLOT)], 'translation');
    const settings = { translation: true };
    const first = await collect({ settings });
    expect(partsOf(first)).toEqual([`english ${SLOT} success`, `translation ${SLOT} success`]);
    expect(first.state).toEqual({
      english: { newest: SLOT, pending: [], gaps: [] },
      translation: { newest: SLOT, pending: [], gaps: [] },
    });
    upstream.setListing('');
    upstream.publish(slotAfter(SLOT), [generatedEvent(901, SLOT)], 'translation');
    const second = await collect({ settings, state: first.state });
    expect(second.error).toBeUndefined();
    expect(partsOf(second)).toEqual([`translation ${slotAfter(SLOT)} success`, 'english failed']);
    expect(second.state).toMatchObject({
      english: { newest: SLOT },
      translation: { newest: slotAfter(SLOT) },
    });
  });
});

/** Restores the listing of the newest slot, after lines were added to the lists. */
function publishListing(): void {
  upstream.setListing(`${lineOf(ENGLISH, SLOT, upstream.archive(SLOT))}\n`);
}
