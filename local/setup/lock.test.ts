import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { locked } from './lock.mjs';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-lock-'));
  file = path.join(directory, 'set-up.lock');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the lock of the set-up', () => {
  test.each([
    ['is empty (the machine crashed)', ''],
    ['has no process id', 'garbage'],
    ['belongs to a process that has ended', '999999999 1'],
    // This process runs, but it did not start at that time.
    ['belongs to a process whose id another program has now', `${String(process.pid)} 1`],
  ])('is taken over when it %s', async (_name, content) => {
    writeFileSync(file, content);
    const owner = await locked(() => Promise.resolve(readFileSync(file, 'utf8')), file);
    expect(owner).toMatch(new RegExp(`^${String(process.pid)} `));
    expect(existsSync(file)).toBe(false);
  });

  test('lets one set-up after the other run', async () => {
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} ends`);
    };
    await Promise.all([locked(work('one'), file), locked(work('two'), file)]);
    expect(events).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });
});
