import { describe, expect, test } from '@jest/globals';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { en } from './en.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { messagesOf } from './messages-of.ts';

const NBSP = '\u00a0';
/** The separator of thousands in French. */
const NNBSP = '\u202f';
const COUNTS = { new: 1, updated: 0, duplicate: 2, rejected: 1 };

/** Every text of a catalogue, with its path; functions are called with numbers. */
function* textsOf(value: unknown, path = ''): Generator<readonly [path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value))
      if (key !== 'format') yield* textsOf(child, `${path}.${key}`);
  }
}

describe.each<Language>([...LANGUAGES])('the catalogue %s', (language) => {
  const messages = messagesOf(language);

  test('names its own language', () => {
    expect(messages.language).toBe(language);
  });

  test('has no empty text, and none with two spaces or an ordinary space before a colon or semicolon', () => {
    const texts = [...textsOf(messages)];
    expect(texts.length).toBeGreaterThan(80);
    for (const [, text] of texts) expect(text).toMatch(/^(?!.* {2})(?!.* [:;!?])\S(.*\S)?$/s);
  });

  test('has an advice for every error class, also for one of another version', () => {
    const advices = ERROR_CLASS_NAMES.map((name) => messages.advice(name));
    for (const advice of advices) expect(advice).toMatch(/[.!]$/);
    expect(new Set(advices).size).toBe(advices.length);
    for (const unknown of ['of-another-version', '__proto__', null]) {
      expect(messages.advice(unknown)).toBe(messages.advice('unknown'));
    }
  });

  test.each([0, 1, 2, 1_000_000])('has a title for the digest that fits a header: %i', (value) => {
    expect(messages.digest.title(value, value)).toMatch(/^[ -~]{1,100}$/);
  });
});

test('French differs from English in every sentence', () => {
  const english = new Map(textsOf(en));
  const same = [...textsOf(messagesOf('fr'))].filter(
    ([path, text]) => english.get(path) === text && text.includes(' '),
  );
  expect(same).toEqual([]);
});

describe('French', () => {
  const fr = messagesOf('fr');

  test.each([
    [0, '0 document'],
    [1, '1 document'],
    [2, '2 documents'],
    [25_047, `25${NNBSP}047 documents`],
    [1_000_000, `1${NNBSP}000${NNBSP}000 de documents`],
  ])('the plural begins at two, and a million takes "de": %i', (value, expected) => {
    expect(fr.health.documents(value)).toBe(expected);
  });

  test('numbers, sizes, times and days are written as in France', () => {
    const { decimal, bytes, moment, day } = fr.format;
    expect(decimal(1.25)).toBe('1,3');
    expect(bytes(999)).toBe(`999${NBSP}o`);
    expect(bytes(1_234_567)).toBe(`1,2${NBSP}Mo`);
    expect(moment(new Date('2026-03-29T00:30:00Z'))).toBe('29/03/2026 00:30 UTC');
    expect(moment(null)).toBe('–');
    expect(day('2026-01-31')).toBe('31/01/2026');
  });

  test.each([
    ['liste de lecture', /\bplaylists?\b(?!\.txt)/i],
    ['enregistrée', /\bstockée?s?\b/i],
    ['file', /\bqueues?\b/i],
    ['tâche', /\bjobs?\b/i],
    ['jeton', /\btokens?\b/i],
    ['flux', /\bfeeds?\b/i],
    ['tableau de bord', /\bdashboard\b/i],
  ])('one word for one thing: %s', (_word, other) => {
    const wrong = [...textsOf(fr)].filter(([, text]) =>
      other.test(text.replaceAll(/`[^`]*`|[A-Z_]{4,}/g, '')),
    );
    expect(wrong).toEqual([]);
  });

  test('the digest agrees in number', () => {
    expect(fr.digest.counts(COUNTS, 25_047)).toBe(
      `1 nouveau document, 0 modifié, 2 doublons, 1 rejeté${NBSP}; 25${NNBSP}047 documents au total.`,
    );
    expect(fr.digest.title(1, 0)).toBe('Collecte : +1 document');
    expect(fr.digest.title(12, 2)).toBe('Collecte : +12 documents, 2 sources en alerte');
  });
});

test('English is as it was', () => {
  const { number, decimal, bytes, moment, day } = en.format;
  expect([number(25_047), decimal(1.25), bytes(10), bytes(1_234_567), bytes(999_960)]).toEqual([
    '25,047',
    '1.3',
    '10 B',
    '1.2 MB',
    '1.0 MB',
  ]);
  expect(moment(new Date('2026-03-29T00:30:00Z'))).toBe('2026-03-29 00:30 UTC');
  expect(day('2026-01-31')).toBe('2026-01-31');
});

test('counts of states agree in number', () => {
  const { never, disabled, ok } = messagesOf('fr').health.stateCounts;
  expect([never(1), never(3), disabled(2), ok(4)]).toEqual([
    '1 jamais collectée',
    '3 jamais collectées',
    '2 désactivées',
    '4 OK',
  ]);
});
