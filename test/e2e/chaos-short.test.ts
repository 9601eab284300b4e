import { tmpdir } from 'node:os';
import process from 'node:process';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { startScript, type Program } from '../support/program.ts';

/** Ends a run that hangs: on an idle machine with two cores a run takes up to a minute. */
const DEADLINE_MS = 600_000;

const reportSchema = z.object({
  stored: z.number(),
  mirrored: z.number(),
  failed: z.number(),
  lost: z.number(),
  corrupt: z.number(),
  duplicates: z.number(),
  strays: z.number(),
  unfinishedJobs: z.number(),
  kills: z.number(),
  injectedFaults: z.number(),
  repeatedDownloads: z.number(),
  repeatedAfterKill: z.number(),
  problems: z.array(z.string()),
  crashes: z.array(z.string()),
});

let run: Program | undefined;

afterEach(async () => {
  run?.kill('SIGTERM');
  await run?.ended;
});

test.each([
  { workers: 1, items: 60, seed: 6, staging: 'directory' },
  { workers: 2, items: 100, seed: 4, staging: 'directory' },
  { workers: 4, items: 140, seed: 7, staging: 'directory' },
  { workers: 2, items: 100, seed: 5, staging: 's3' },
])(
  'nothing is lost, broken or duplicated while $workers workers and the servers are killed and exchanges fail, staging as $staging',
  async ({ workers, items, seed, staging }) => {
    const privateItems = items / 20;
    const variables = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    run = startScript(
      new URL('../chaos/main.ts', import.meta.url),
      [
        '--items',
        String(items),
        '--workers',
        String(workers),
        '--seed',
        String(seed),
        '--staging',
        staging,
        '--json',
      ],
      { variables, directory: tmpdir() },
    );
    const exitCode = await run.ended;
    // Failures before the report are on standard error.
    expect({ exitCode, stderr: exitCode === 0 || run.stdout() !== '' ? '' : run.stderr() }).toMatchObject({
      stderr: '',
    });
    const report = reportSchema.parse(JSON.parse(run.stdout()));
    expect(report).toMatchObject({
      stored: items - privateItems,
      mirrored: items - privateItems,
      failed: privateItems,
      lost: 0,
      corrupt: 0,
      duplicates: 0,
      strays: 0,
      unfinishedJobs: 0,
      problems: [],
      crashes: [],
    });
    expect(exitCode).toBe(0);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.injectedFaults).toBeGreaterThan(0);
    expect(report.repeatedDownloads - report.repeatedAfterKill).toBeLessThanOrEqual(0.02 * items);
  },
  DEADLINE_MS,
);
