import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { z } from 'zod';

const DEMO = fileURLToPath(new URL('../../local/demo/main.ts', import.meta.url));
const DEADLINE_MS = 150_000;

const countsSchema = z.strictObject({
  ...{ seen: z.number(), new: z.number(), updated: z.number() },
  ...{ duplicate: z.number(), rejected: z.number(), media: z.number() },
});
const outputSchema = z.object({
  passes: z.array(
    z.object({
      added: z.number(),
      runs: z.array(z.object({ source: z.string(), status: z.string(), counts: countsSchema })),
    }),
  ),
  health: z.object({ healthy: z.boolean() }),
});

test(
  'the demo of the collection reads all five kinds of sources offline; a second pass finds nothing new',
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', DEMO, '--collect', '--json'],
      // Neither the variables of the test run nor those of the user may reach it.
      { env: { PATH: process.env['PATH'], HOME: process.env['HOME'] }, timeout: DEADLINE_MS },
    );
    const { passes, health } = outputSchema.parse(JSON.parse(stdout));
    expect(passes).toHaveLength(2);
    for (const { runs } of passes) {
      expect(runs.map(({ source, status }) => [source, status])).toEqual(
        ['news', 'weather', 'events', 'reviews', 'site'].map((source) => [source, 'success']),
      );
      for (const { counts } of runs) {
        expect(counts.seen).toBe(counts.new + counts.updated + counts.duplicate + counts.rejected);
      }
    }
    const [first, second] = passes;
    expect(first?.runs.every(({ counts }) => counts.new > 0)).toBe(true);
    expect(second?.added).toBe(0);
    expect(health.healthy).toBe(true);
  },
  DEADLINE_MS,
);
