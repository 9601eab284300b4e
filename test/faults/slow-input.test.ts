import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { SlowInputOutcome } from '../support/slow-input-process.ts';
import { SLOW_INPUTS } from '../support/slow-inputs.ts';
import { fileURLToPath } from 'node:url';

/** No input may block the event loop for longer, in milliseconds of processor time. */
const LONGEST_MS = 200;
const PROGRAM = fileURLToPath(new URL('../support/slow-input-process.ts', import.meta.url));

async function outcomesOf(kind: keyof typeof SLOW_INPUTS): Promise<SlowInputOutcome[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind], {
    maxBuffer: 64 * 1024 ** 2,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SlowInputOutcome);
}

describe('no text blocks the event loop or keeps others from being read', () => {
  test.each(['feeds', 'pages', 'robots', 'tables'] as const)(
    '%s',
    async (kind) => {
      const outcomes = await outcomesOf(kind);
      expect(outcomes.map(({ name }) => name)).toEqual(SLOW_INPUTS[kind].map(([name]) => name));
      expect(outcomes.filter(({ blockedMs }) => blockedMs > LONGEST_MS)).toEqual([]);
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
      if (kind === 'tables') return;
      const ordinary = kind === 'robots' ? [] : outcomes;
      expect(ordinary.filter(({ parts }) => parts['ordinary'] !== 'success')).toEqual([]);
      for (const [name, , keepsRest] of SLOW_INPUTS[kind]) {
        if (keepsRest === undefined) continue;
        expect(outcomes.find((each) => each.name === name)?.titles).toContain('The last one');
      }
    },
    300_000,
  );
});
