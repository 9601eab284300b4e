import { describe, expect, test } from '@jest/globals';
import { adviceFor, ERROR_CLASS_NAMES, ERROR_CLASSES } from './error-classes.ts';

describe.each(ERROR_CLASS_NAMES)('the advice for %s', (errorClass) => {
  test('says nothing of automatic retries once the video has failed', () => {
    expect(adviceFor(errorClass, 'failed')).not.toMatch(/automatic|again by itself|resume/i);
  });

  test('says what happens by itself while the program goes on', () => {
    const isAutomatic = ['transient', 'throttled', 'operator', 'snooze'].includes(
      ERROR_CLASSES[errorClass].outcome,
    );
    expect(adviceFor(errorClass).includes('automatically')).toBe(isAutomatic);
  });
});

test('a class of another version has the advice for unknown errors', () => {
  expect(adviceFor('from-the-future')).toBe(adviceFor('unknown'));
});
