import { describe, expect, test } from '@jest/globals';
import type { CollectorAccess } from '../config/config.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { KINDS } from './kinds.ts';
import { parseSources } from './sources-file.ts';
import { entrySchema } from './sources-schema.ts';
import { z } from 'zod';

const ACCESS: CollectorAccess = {
  openWeatherMap: { url: 'http://127.0.0.1/', key: undefined },
  kaggle: { url: 'http://127.0.0.1/', credentials: undefined },
  gdelt: { url: 'http://127.0.0.1/' },
};

/** The problems of one source, without file, line and the beginning of the path. */
function problemsOf(source: string, sourceSecrets: Record<string, string> = {}): readonly string[] {
  const text = `sources:\n  - { id: a, ${source} }`;
  try {
    parseSources(text, { name: 'f', access: ACCESS, kinds: KINDS, sourceSecrets });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.problems.map((problem) => problem.replace(/^f line 2: sources\[0\]\./, ''));
    }
    throw error;
  }
}

const RSS = "kind: rss, settings: { feeds: ['https://a.example/feed'] }";
const rss = (more: string) => `kind: rss, settings: { feeds: ['https://a.example/f'], ${more} }`;
const gdelt = (settings: string) => `kind: gdelt, settings: { ${settings} }`;

describe('what is accepted', () => {
  test.each([
    ['a feed as a plain address', RSS],
    ['a schedule as a text', `${RSS}, schedule: '0 2 * * *'`],
    ['the name of a schedule', `${RSS}, schedule: '@daily'`],
    ['a dataset as a plain reference', 'kind: kaggle, settings: { datasets: [uciml/iris] }'],
    ['a plain header', `${RSS}, headers: { Accept-Language: fr }`],
    ['a secret header', `${RSS}, headers: { Authorization: 'Bearer \${NEWS_TOKEN}' }`],
    [
      'a User-Agent and a time limit',
      `${RSS}, userAgent: 'Mine/1.0 (+https://a.example)', timeoutSeconds: 10`,
    ],
  ])('%s', (_name, source) => {
    expect(problemsOf(source)).toEqual([]);
  });
});

describe('what is wrong, and what was probably meant', () => {
  test.each([
    [
      rss('audioEnclosure: true'),
      'settings.audioEnclosure: is not a known setting; did you mean audioEnclosures?',
    ],
    [
      "kind: rss, settings: { feeds: [{ url: 'https://a.example', title: x }] }",
      expect.stringMatching(/^settings\.feeds\[0\]\.title: is not a known setting; known are name, url, id/),
    ],
    [
      "kind: rss, settings: { feeds: [{ adress: 'https://a.example', url: 'https://a.example' }] }",
      expect.stringMatching(/^settings\.feeds\[0\]\.adress: is not a known setting; known are name, url, id/),
    ],
    [`${RSS}, shedule: x`, 'shedule: is not a known setting; did you mean schedule?'],
    [
      `${RSS}, schedule: { patern: '0 2 * * *' }`,
      'schedule.patern: is not a known setting; did you mean pattern?',
    ],
    ['kind: rrs', 'kind: is not a kind of source; did you mean rss?'],
    [
      "kind: web, settings: { sites: [{ url: 'https://a.example', take: linked-pages, lnik: a, link: a }] }",
      'settings.sites[0].lnik: is not a known setting; did you mean link?',
    ],
    [
      `${RSS}, schedule: '0 0 2 * * *'`,
      'schedule: has six fields; seconds are not possible: write "0 2 * * *"',
    ],
    [
      `${RSS}, schedule: { pattern: '*/5 * * * * *' }`,
      'schedule.pattern: has six fields; seconds are not possible: write "* * * * *"',
    ],
    [
      `${RSS}, schedule: every day`,
      'schedule: is not a cron pattern such as "0 2 * * *": minute, hour, day, month, weekday',
    ],
    [`${RSS}, schedule: '@secondly'`, expect.stringContaining('schedule: is not a cron pattern')],
    [gdelt('eventRootCodes: [14]'), 'settings.eventRootCodes[0]: must be a text: quote it, "14"'],
    [gdelt('eventRootCodes: [014]'), 'settings.eventRootCodes[0]: must be a text: quote it, "014"'],
    [gdelt('countries: [true]'), 'settings.countries[0]: must be a text: quote it, "true"'],
    [gdelt("minMentions: '5'"), 'settings.minMentions: must be a number, without quotation marks'],
    [gdelt("translation: 'yes'"), 'settings.translation: must be true or false, without quotation marks'],
    [gdelt('countries: FR'), expect.stringContaining('settings.countries: must be a list')],
    [
      'kind: rss, settings: { feeds: [a.example/feed] }',
      'settings.feeds[0]: https:// is missing: https://a.example/feed',
    ],
    [
      'kind: rss, settings: { feeds: [{ url: //a.example/feed }] }',
      'settings.feeds[0].url: https:// is missing: https://a.example/feed',
    ],
    [
      'kind: web, settings: { sites: [{ url: www.a.example, take: json-ld }] }',
      'settings.sites[0].url: https:// is missing: https://www.a.example',
    ],
    [
      "kind: rss, settings: { feeds: ['ftp://a.example/f'] }",
      'settings.feeds[0]: is not an address with https:// or http://',
    ],
    ['kind: rss', 'settings: is missing'],
    [`${RSS}, schedule: 5`, 'schedule: must be a text or a group of settings'],
    [`${RSS}, retentionDays: [1]`, 'retentionDays: must be a number'],
    [`${RSS}, enabled: yes`, 'enabled: must be true or false, without quotation marks'],
    [
      `${RSS}, freshness: 24`,
      expect.stringContaining('freshness: must be a group of settings: warnAfterHours, errorAfterHours'),
    ],
    ['kind: rss, settings: { feeds: https://a.example/f }', expect.stringContaining('feeds: must be a list')],
    ['kind: rss, settings: { feeds: [5] }', 'settings.feeds[0]: must be a text or a group of settings'],
    [
      'kind: web, settings: { sites: [https://a.example] }',
      expect.stringContaining('settings.sites[0]: must be'),
    ],
    ['kind: rss, settings: { feeds: }', 'settings.feeds: has no value'],
    ['kind: rss, settings: { feeds: [{ name: x }] }', 'settings.feeds[0].url: is missing'],
    [
      `${RSS}, headers: { Authorization: Bearer abc }`,
      expect.stringMatching(/^headers\.Authorization: is a secret: write \$\{NAME\} here/),
    ],
    [`${RSS}, headers: { X-Api-Key: abc }`, expect.stringContaining('is a secret')],
    [`${RSS}, headers: { User-Agent: x }`, 'headers.User-Agent: has a setting of its own: userAgent'],
    [`${RSS}, headers: { Host: x }`, 'headers.Host: is set by the program'],
    [`${RSS}, headers: { 'a b': x }`, 'headers.a b: is not the name of a header'],
    [`${RSS}, headers: { A: "x\\r\\ny" }`, expect.stringContaining('characters that headers cannot contain')],
    [`${RSS}, headers: { A: 'x\${lower}' }`, expect.stringContaining('another form than ${NAME}')],
    [`${RSS}, userAgent: "a\\nb"`, expect.stringContaining('userAgent: is not a User-Agent')],
  ])('%s', (source, expected) => {
    expect(problemsOf(source)).toEqual([expected]);
  });
});

test('a source without a secret of its headers is disabled and names it', () => {
  const text = `sources: [{ id: a, ${RSS}, headers: { Authorization: 'Bearer \${TOKEN}' } }]`;
  const parse = (sourceSecrets: Record<string, string>) =>
    parseSources(text, { name: 'f', access: ACCESS, kinds: KINDS, sourceSecrets })[0];
  expect(parse({})?.missingKey).toBe('TOKEN in SOURCE_SECRETS');
  const source = parse({ TOKEN: 'top-secret' });
  expect(source?.missingKey).toBeUndefined();
  expect(source?.requests?.headers?.()).toEqual({ Authorization: 'Bearer top-secret' });
  expect(JSON.stringify(source)).not.toContain('top-secret');
});

/** Objects of a JSON schema that accept any name. */
function looseObjects(schema: unknown, at = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const isLoose =
    'properties' in schema && !('additionalProperties' in schema && schema.additionalProperties === false);
  const inner = Object.entries(schema).flatMap(([name, child]) => looseObjects(child, `${at}/${name}`));
  return isLoose && !at.endsWith('/properties') ? [at, ...inner] : inner;
}

test.each(KINDS)('no object in the settings of $kind accepts unknown names', (kind) => {
  expect(looseObjects(z.toJSONSchema(entrySchema(kind), { io: 'input', unrepresentable: 'any' }))).toEqual(
    [],
  );
});
