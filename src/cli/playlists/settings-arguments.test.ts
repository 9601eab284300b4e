import { describe, expect, test } from '@jest/globals';
import { settingsOf } from './settings-arguments.ts';

describe('the option --set', () => {
  test('reads every setting', () => {
    expect(
      settingsOf([
        'title-include=lesson',
        'title-include=cours = 1',
        'title-exclude=',
        'min-duration=60',
        'max-duration=',
        'published-after=2026-01-31',
        'live=no',
        'shorts=yes',
        'profile=original',
        'priority=1',
        'language=fr',
      ]),
    ).toEqual({
      titleInclude: ['lesson', 'cours = 1'],
      titleExclude: [],
      minDurationSeconds: 60,
      maxDurationSeconds: null,
      publishedAfter: new Date('2026-01-31'),
      live: false,
      shorts: true,
      profile: 'original',
      priority: 1,
      language: 'fr',
    });
    expect(settingsOf([])).toEqual({});
  });

  test.each([
    'language',
    'colour=red',
    '__proto__=1',
    'constructor=1',
    'priority=first',
    'priority=0',
    'min-duration=-1',
    'live=maybe',
    'published-after=yesterday',
    'profile=mp3',
    'language=fr_FR',
  ])('refuses %s', (assignment) => {
    expect(() => settingsOf([assignment])).toThrow();
  });

  test('refuses a range that is empty', () => {
    expect(() => settingsOf(['min-duration=60', 'max-duration=30'])).toThrow(/below/);
  });
});
