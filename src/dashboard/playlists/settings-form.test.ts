import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PRIORITY } from '../../domain/download-priority.ts';
import { describeSettings, type PlaylistSettings } from '../../operations/playlist-settings.ts';
import { en } from '../../text/messages/en.ts';
import { readSettingsForm, toSettingsForm } from './settings-form.ts';

const read = (fields: Record<string, unknown>) => readSettingsForm(fields, en);
const fieldsOf = (result: ReturnType<typeof read>) =>
  result.ok ? [] : result.problems.map(({ field }) => field);

describe('the form of settings', () => {
  test('what is empty is as configured', () => {
    expect(read({})).toEqual({ ok: true, change: describeSettings(undefined) });
    expect(readSettingsForm(undefined, en)).toMatchObject({ ok: true });
  });

  test('a priority that an earlier version took is the last of those that are taken now', () => {
    const settings = describeSettings({ title_include: [], title_exclude: [], priority: 2_000_000 });
    expect(settings.priority).toBe(MAX_PRIORITY);
    expect(read(toSettingsForm(settings))).toMatchObject({ ok: true });
  });

  test('reads every field', () => {
    expect(
      read({
        titleInclude: ' lesson \r\n\r\ncours*',
        titleExclude: 'trailer',
        minDuration: '1,5',
        maxDuration: '90',
        publishedAfter: '2025-01-01',
        publishedBefore: '2026-01-01',
        live: 'skip',
        shorts: 'keep',
        profile: 'original',
        priority: '1',
        language: 'pt-BR',
      }),
    ).toEqual({
      ok: true,
      change: {
        titleInclude: ['lesson', 'cours*'],
        titleExclude: ['trailer'],
        minDurationSeconds: 90,
        maxDurationSeconds: 5_400,
        publishedAfter: new Date('2025-01-01'),
        publishedBefore: new Date('2026-01-01'),
        live: false,
        shorts: true,
        profile: 'original',
        priority: 1,
        language: 'pt-BR',
      },
    });
  });

  test.each([
    ['minDuration', { minDuration: '-1' }],
    ['minDuration', { minDuration: '1e3' }],
    ['maxDuration', { maxDuration: '999999' }],
    ['maxDuration', { minDuration: '2', maxDuration: '1' }],
    ['publishedAfter', { publishedAfter: '2025-02-30x' }],
    ['publishedAfter', { publishedAfter: 'yesterday' }],
    ['publishedBefore', { publishedAfter: '2025-01-01', publishedBefore: '2025-01-01' }],
    ['live', { live: '__proto__' }],
    ['shorts', { shorts: 'maybe' }],
    ['profile', { profile: 'constructor' }],
    ['priority', { priority: '0' }],
    ['priority', { priority: '1.5' }],
    ['language', { language: 'fr_FR; rm' }],
    ['titleInclude', { titleInclude: 'x\n'.repeat(51) }],
    ['titleExclude', { titleExclude: 'x'.repeat(201) }],
  ])('refuses a wrong %s: %j', (field, fields) => {
    const result = read(fields);
    expect(fieldsOf(result)).toEqual([field]);
    // What was typed is shown again.
    if (!result.ok) expect(result.form).toMatchObject(fields);
  });

  test('lists and objects in place of texts are taken for empty', () => {
    expect(read({ minDuration: ['1', '2'], titleInclude: { a: 1 } })).toMatchObject({
      ok: true,
      change: { minDurationSeconds: null, titleInclude: [] },
    });
  });

  test('what is shown is read back as it was', () => {
    const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
    const day = fc.integer({ min: 0, max: 30_000 }).map((days) => new Date(days * 86_400_000));
    const word = fc.stringMatching(/^[a-z*?]{1,20}$/);
    const settings: fc.Arbitrary<PlaylistSettings> = fc.record({
      titleInclude: fc.array(word, { maxLength: 5 }),
      titleExclude: fc.array(word, { maxLength: 5 }),
      minDurationSeconds: orNull(fc.integer({ min: 0, max: 1_000 })),
      maxDurationSeconds: orNull(fc.integer({ min: 1_000, max: 864_000 })),
      publishedAfter: orNull(day),
      publishedBefore: fc.constant(null),
      live: orNull(fc.boolean()),
      shorts: orNull(fc.boolean()),
      profile: orNull(fc.constantFrom('original', 'mp3-320')),
      priority: orNull(fc.integer({ min: 1, max: MAX_PRIORITY })),
      language: orNull(fc.constantFrom('fr', 'pt-BR')),
    });
    fc.assert(
      fc.property(settings, (given) => {
        expect(read(toSettingsForm(given))).toEqual({ ok: true, change: given });
      }),
    );
  });
});
