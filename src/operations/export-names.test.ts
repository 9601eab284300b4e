import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ArchivedVideo } from '../database/video-search.ts';
import { DEFAULT_NAMES, exportName, namesInput } from './export-names.ts';

const videoOf = (fields: Partial<ArchivedVideo>): ArchivedVideo => ({
  _id: 'youtube.AbC-_123456',
  provider: 'youtube',
  video_id: 'AbC-_123456',
  url: 'https://www.youtube.com/watch?v=AbC-_123456',
  status: 'stored',
  round: 0,
  first_round: 0,
  retry_attempts: 0,
  created_at: new Date(0),
  updated_at: new Date(0),
  audio: { key: 'audio/youtube/AbC-_123456.mp3', size: 1, format: 'mp3' },
  ...fields,
});

describe('the name of an exported file', () => {
  test.each([
    ['Contes du soir', 'Contes du soir [AbC-_123456]'],
    ['AC/DC: "Back" in <Black>?*|\\', 'AC-DC- -Back- in -Black----- [AbC-_123456]'],
    ['../../etc/passwd', '_..-..-etc-passwd [AbC-_123456]'],
    ['-rf ~', '_-rf ~ [AbC-_123456]'],
    ['#shorts', '_#shorts [AbC-_123456]'],
    ['line\nbreak\u0000\u202Egpj', 'line break gpj [AbC-_123456]'],
    ['lone \uD800 half', 'lone \uFFFD half [AbC-_123456]'],
    ['{id} {nothing}', '{id} {nothing} [AbC-_123456]'],
    ['E\u0301tude', '\u00C9tude [AbC-_123456]'],
    [null, 'Untitled [AbC-_123456]'],
    ['\u200B ', '_ [AbC-_123456]'],
  ])('%j becomes %j', (title, name) => {
    expect(exportName(videoOf({ title }), DEFAULT_NAMES)).toBe(name);
  });

  test.each([
    ['CON', '_CON'],
    ['lpt1.x', '_lpt1.x'],
    ['ends with dots. . .', 'ends with dots'],
    ['...', '_'],
    ['   ', '_'],
  ])('of the title %j alone becomes %j', (title, name) => {
    expect(exportName(videoOf({ title }), '{title}')).toBe(name);
  });

  test('a slash of the template makes a directory, one of a field does not', () => {
    const video = videoOf({ title: 'A/B', author: 'C/D', published_at: new Date('2026-01-31T00:00:00Z') });
    expect(exportName(video, '{author}/{date} {title}')).toBe('C-D/2026-01-31 A-B');
    expect(exportName(video, '../{title}')).toBe('_/A-B');
  });

  test('any title gives one safe segment that keeps the id and fits into 255 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (title) => {
        const name = exportName(videoOf({ title }), DEFAULT_NAMES);
        expect(name).toMatch(/^[^/\\\p{Cc}]+ \[AbC-_123456\]$/u);
        expect(name).not.toMatch(/^[.\-~#]/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(160);
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['{title}', true],
  ['{author}/{date} {id}', true],
  ['{titel}', false],
  ['{constructor} {id}', false],
  ['fixed', false],
])('the template %j is valid: %s', (template, isValid) => {
  expect(namesInput.safeParse(template).success).toBe(isValid);
});
