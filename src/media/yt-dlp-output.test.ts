import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseYtDlpLine } from './yt-dlp-output.ts';

describe('lines that our templates make yt-dlp print', () => {
  test('metadata, without the missing fields', () => {
    const raw = {
      id: 'dQw4w9WgXcQ',
      title: 'Ünïcode',
      duration: 12.5,
      channel: null,
      uploader: 'Someone',
      channel_id: '',
      live_status: 'not_live',
      release_timestamp: null,
      timestamp: null,
      upload_date: '20260131',
      thumbnail: null,
    };
    expect(parseYtDlpLine(`I${JSON.stringify(raw)}`)).toEqual({
      type: 'metadata',
      id: 'dQw4w9WgXcQ',
      liveStatus: 'not_live',
      metadata: {
        url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
        title: 'Ünïcode',
        author: 'Someone',
        durationSeconds: 12.5,
        publishedAt: new Date('2026-01-31T00:00:00Z'),
      },
    });
  });

  test('description, licence and tags, within limits', () => {
    const parsed = parseYtDlpLine(
      `D${JSON.stringify({ description: ` a\n${'é'.repeat(6_000)}`, license: 'CC BY', tags: ['rain', 7, ' ', ...Array.from({ length: 90 }, () => 'x'.repeat(300))] })}`,
    );
    if (parsed?.type !== 'details') throw new Error('It is not a line of details.');
    const { description, licence, tags } = parsed.details;
    expect(description).toMatch(/^a\né+$/);
    expect(description?.length).toBeLessThanOrEqual(5_000);
    expect(licence).toBe('CC BY');
    expect([tags?.length, tags?.[0], tags?.[1]]).toEqual([50, 'rain', 'x'.repeat(100)]);
    expect(parseYtDlpLine('D{"description":null,"license":7,"tags":"x"}')).toEqual({
      type: 'details',
      details: {},
    });
  });

  test('a field of a wrong type does not affect the others', () => {
    expect(parseYtDlpLine('I{"id":"x","title":7,"duration":"long","upload_date":"soon"}')).toEqual({
      type: 'metadata',
      id: 'x',
      metadata: { url: 'https://www.youtube.com/watch?v=x' },
    });
  });

  test.each([
    [
      'P{"status":"downloading","downloaded_bytes":5,"total_bytes":10,"speed":2.5}',
      { bytes: 5, totalBytes: 10, bytesPerSecond: 2.5 },
    ],
    ['P{"downloaded_bytes":5,"total_bytes":null,"total_bytes_estimate":20}', { bytes: 5, totalBytes: 20 }],
    ['P{}', { bytes: 0 }],
  ])('progress: %s', (line, expected) => {
    expect(parseYtDlpLine(line)).toEqual({ type: 'progress', ...expected });
  });

  test.each([
    ['original', 'en', 10, { language: 'en', trackKind: 'original' }],
    ['default', 'en', 5, { language: 'en', trackKind: 'default' }],
    ['dub', 'fr', -1, { language: 'fr', trackKind: 'dubbed' }],
    ['description', 'en-desc', -10, { language: 'en', trackKind: 'descriptive' }],
    ['only track', null, -1, {}],
    ['track of a manifest', 'en', null, { language: 'en' }],
  ])('the format of the %s', (_what, language, preference, track) => {
    const raw = { format_id: '140', language, language_preference: preference };
    const line = { ...raw, filesize_approx: 173_303, tbr: 120.559 };
    expect(parseYtDlpLine(`B${JSON.stringify(line)}`)).toEqual({
      type: 'begin',
      track: { ...track, sourceFormat: '140' },
      formatSeconds: expect.closeTo(11.5, 2),
    });
    expect(parseYtDlpLine(`B${JSON.stringify(raw)}`)).not.toHaveProperty('formatSeconds');
  });

  test('the file', () => {
    expect(parseYtDlpLine('F"/a/b.webm"')).toEqual({ type: 'file', file: '/a/b.webm' });
  });

  test('any other line is ignored', () => {
    for (const line of ['', 'P', 'Pnot json', 'I[]', 'F7', 'F{}', 'Bx', '[download] 5%']) {
      expect(parseYtDlpLine(line)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.constantFrom('P', 'I', 'B', 'F', ''), fc.string(), (mark, text) => {
        parseYtDlpLine(mark + text);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom('P', 'I', 'B', 'F'), fc.jsonValue(), (mark, value) => {
        parseYtDlpLine(mark + JSON.stringify(value));
      }),
    );
  });
});
