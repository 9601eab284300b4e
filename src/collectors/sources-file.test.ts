import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { CollectorAccess } from '../config/config.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { defineCollector } from './collector.ts';
import { disabledReason, registrationOf } from './configured-source.ts';
import { KINDS } from './kinds.ts';
import { loadSources, parseSources } from './sources-file.ts';
import { sourcesJsonSchemaText } from './sources-schema.ts';

const fileAt = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const ACCESS: CollectorAccess = {
  openWeatherMap: { url: 'http://127.0.0.1/', key: undefined },
  kaggle: { url: 'http://127.0.0.1/', credentials: undefined },
  gdelt: { url: 'http://127.0.0.1/' },
};
const feeds = defineCollector({
  kind: 'feeds',
  settingsSchema: z.strictObject({ feeds: z.array(z.strictObject({ url: z.url() })).min(1) }),
  stateSchema: z.unknown(),
  defaults: {
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 24, errorAfterHours: 48 },
  },
  collect: () => ReadableStream.from<never>([]),
});
const keyed = { ...feeds, kind: 'keyed', settingsSchema: z.strictObject({}), missingKey: () => 'THE_KEY' };
const parse = (text: string) =>
  parseSources(text, { name: 'sources.yaml', access: ACCESS, kinds: [feeds, keyed] });

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('the sources file', () => {
  test('fills in the defaults of the kind', () => {
    const [source] = parse(`
sources:
  - id: news
    kind: feeds
    settings: { feeds: [{ url: 'https://example.org/a.xml' }] }
`);
    expect(source).toEqual({
      id: 'news',
      kind: 'feeds',
      label: 'news',
      enabled: true,
      schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
      freshness: { warnAfterMs: 86_400_000, errorAfterMs: 172_800_000 },
      requiredFields: [],
      settings: { feeds: [{ url: 'https://example.org/a.xml' }] },
    });
  });

  test('converts all settings, durations to milliseconds', () => {
    const [source] = parse(`
sources:
  - id: other
    kind: keyed
    label: The other
    enabled: false
    schedule: { pattern: '5 4 * * 1', timeZone: UTC }
    freshness: { warnAfterHours: 100 }
    retentionDays: 2
    maxItemsPerRun: 10
    minItems: 3
    requiredFields: [title, publishedAt]
`);
    expect(source).toEqual({
      id: 'other',
      kind: 'keyed',
      label: 'The other',
      enabled: false,
      missingKey: 'THE_KEY',
      schedule: { pattern: '5 4 * * 1', timeZone: 'UTC' },
      freshness: { warnAfterMs: 360_000_000, errorAfterMs: 360_000_000 },
      retentionMs: 172_800_000,
      maxItemsPerRun: 10,
      minItems: 3,
      requiredFields: ['title', 'publishedAt'],
      settings: {},
    });
  });

  test('a source without its key is disabled and names the key', () => {
    const [source] = parse('sources: [{ id: a, kind: keyed }]');
    expect(source && disabledReason(source)).toBe('missing THE_KEY');
    expect(source && registrationOf(source)).toMatchObject({
      enabled: false,
      disabled_reason: 'missing THE_KEY',
    });
  });

  test('lists all problems at once, each with its line', () => {
    const problems = problemsOf(`sources:
  - id: News!
    kind: feeds
    shedule: { pattern: 'x' }
    settings: { feeds: [] }
  - id: a
    kind: telepathy
  - id: b
    kind: keyed
    schedule:
      pattern: every day
      timeZone: Europe/Atlantis
    freshness: { warnAfterHours: 5, errorAfterHours: 4 }
    settings:
      surprise: 1
  - id: c
    kind: keyed
    freshness: { warnAfterHours: 5, errorAfterHours: 4 }
  - id: c
    kind: keyed
  - id: d
    kind: feeds
    settings:
      feeds:
        - url: https://example.org/
        - url: nowhere
`);
    expect(problems.map((problem) => problem.split(' ').slice(0, 4).join(' '))).toEqual([
      'sources.yaml line 2: sources[0].id:',
      'sources.yaml line 5: sources[0].settings.feeds:',
      'sources.yaml line 4: sources[0].shedule:',
      'sources.yaml line 7: sources[1].kind:',
      'sources.yaml line 11: sources[2].schedule.pattern:',
      'sources.yaml line 12: sources[2].schedule.timeZone:',
      'sources.yaml line 15: sources[2].settings.surprise:',
      'sources.yaml line 18: sources[3].freshness:',
      'sources.yaml line 19: sources[4].id:',
      'sources.yaml line 26: sources[5].settings.feeds[1].url:',
    ]);
    expect(problems[3]).toContain('is not a kind of source; known kinds: feeds, keyed');
  });

  test.each([
    ['a YAML syntax error', 'sources: [', /line 1: /],
    ['a duplicate name', 'sources: []\nsources: []', /line 2: .*unique/],
    ['no content', '', /line 1: /],
    ['a list', '- id: a', /line 1: /],
    ['entries that are not objects', 'sources:\n  - rss', /line 2: sources\[0\]: /],
    ['missing settings', 'sources:\n  - id: a\n    kind: feeds', /line 2: sources\[0\]\.settings: /],
    ['an unknown name', 'source: []\nsources: []', /line 1: source: is not a known setting/],
  ])('reports the line of a file with %s', (_name, text, expected) => {
    expect(problemsOf(text)[0]).toMatch(expected);
  });

  test('the error for a missing file says in one line what to do', async () => {
    const sourcesFile = fileAt('no-such-file.yaml');
    await expect(loadSources({ sourcesFile, access: ACCESS }, KINDS)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^There is no sources file .*no-such-file\.yaml.*SOURCES_FILE/),
    });
  });
});

describe('sources.yaml', () => {
  test('is valid, contains every kind, and disables sources without their key', async () => {
    const sources = await loadSources({ sourcesFile: fileAt('sources.yaml'), access: ACCESS });
    expect(new Set(sources.map(({ kind }) => kind))).toEqual(new Set(KINDS.map(({ kind }) => kind)));
    const disabled = sources.filter((source) => disabledReason(source) !== undefined);
    expect(disabled.map(({ kind }) => kind).sort()).toEqual(['kaggle', 'openweathermap']);
  });

  test('names its schema, which is that of the kinds (npm run generate)', () => {
    expect(readFileSync(fileAt('sources.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\/sources\.schema\.json\n/,
    );
    expect(readFileSync(fileAt('sources.schema.json'), 'utf8')).toBe(sourcesJsonSchemaText(KINDS));
  });
});
