import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentSchema } from '../../src/config/environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['ci.yml', 'daily-collection.yml'] as const;
/** Variables that the workflow and the runner define. */
const OF_THE_RUNNER = ['RUNNER_TEMP', 'GITHUB_STEP_SUMMARY'];

const variables = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const stepSchema = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z
    .string()
    .regex(/^actions\/[\w/-]+@v\d+$/)
    .optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: variables.optional(),
  run: z.string().optional(),
});
const jobSchema = z.strictObject({
  'runs-on': z.string(),
  'timeout-minutes': z.number().max(120),
  services: z.record(
    z.string(),
    z.strictObject({ image: z.string(), ports: z.array(z.string()), options: z.string() }),
  ),
  env: variables,
  steps: z.array(stepSchema),
});
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({ contents: z.literal('read') }),
  concurrency: z.object({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(z.string(), jobSchema),
});

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, { image: string }>;
};
const workflows = FILES.map((file) => {
  const text = read(path.join('.github/workflows', file));
  const workflow = workflowSchema.parse(parse(text));
  const jobs = Object.values(workflow.jobs);
  return { file, text, workflow, jobs, steps: jobs.flatMap(({ steps }) => steps) };
});
const daily = workflows.find(({ file }) => file === 'daily-collection.yml');

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** The lines of a step, with continued lines joined. */
function commandsOf(run: string): string[] {
  return run
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

describe.each(workflows)('$file', ({ text, jobs, steps }) => {
  const commands = steps.flatMap(({ run }) => (run === undefined ? [] : commandsOf(run)));
  const npmCommands = commands.filter((command) => command.startsWith('npm run '));

  test('calls only commands of this project, and those that start MinIO and show the summary', () => {
    const others = commands.filter((command) => !/^npm (run|test|ci)\b/.test(command));
    for (const command of others) expect(command).toMatch(/^(docker run |cat "\$RUNNER_TEMP\/summary\.md")/);
  });

  test('every command exists and accepts its options', async () => {
    await Promise.all(
      npmCommands.map(async (command) => {
        const [, name = '', rest = ''] = /^npm run (?:--silent )?(\S+)(.*)$/.exec(command) ?? [];
        expect(Object.keys(scripts)).toContain(name);
        const options = rest.match(/(?<= )--[a-z][a-z-]+/g) ?? [];
        if (options.length === 0) return;
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'src/cli', `${name}.ts`), '--help'],
          { env: { PATH: process.env['PATH'] } },
        );
        for (const option of options) expect(stdout).toMatch(new RegExp(`^\\s+${option}\\b`, 'm'));
      }),
    );
  });

  test('every variable is one that the program reads', () => {
    const own = new Set(['HAS_OWN_DATABASE', 'HAS_OWN_BUCKET', 'SOURCES', 'RUN_URL']);
    const given = [...jobs.map(({ env }) => env), ...steps.map(({ env }) => env ?? {})].flatMap(Object.keys);
    const used = [...text.matchAll(/\b(?:secrets|vars)\.(\w+)/g)].map(([, name = '']) => name);
    const inShell = commands.flatMap((command) =>
      [...command.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name = '']) => name),
    );
    for (const name of new Set([...given, ...used])) {
      if (!own.has(name)) expect(Object.keys(environmentSchema.shape)).toContain(name);
    }
    for (const name of inShell) expect([...given, ...OF_THE_RUNNER]).toContain(name);
  });

  test('no input from outside is inserted into a shell script', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  test('the servers have the versions of docker-compose.yml', () => {
    for (const { services } of jobs) {
      for (const [name, { image }] of Object.entries(services)) {
        expect(image).toBe(compose.services[name]?.image);
      }
    }
    const [, image] = /MINIO_IMAGE:-([^}]+)}/.exec(compose.services['minio']?.image ?? '') ?? [];
    expect(text).toContain(` ${image ?? 'no image'} server /data`);
  });
});

describe('the daily collection', () => {
  const names = daily?.steps.map(({ name, run, uses }) => name ?? run ?? uses ?? '') ?? [];
  const step = (name: string) => daily?.steps.find((each) => each.name === name);

  test('runs at 02:00 UTC and by hand with a choice of sources', () => {
    expect(daily?.workflow.on).toMatchObject({
      schedule: [{ cron: '0 2 * * *' }],
      workflow_dispatch: { inputs: { sources: { default: '' }, keep_dump: { default: false } } },
    });
  });

  test('restores, collects, checks the health, reports and saves, in this order', () => {
    const order = ['Restore the last snapshot from the bucket', 'Collect', 'Health', 'Report', 'Snapshot'];
    const places = order.map((name) => names.indexOf(name));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((first, second) => first - second));
  });

  test('keeps artefacts for 30 days, the dump only on request and encrypted', () => {
    for (const { uses, with: options } of daily?.steps ?? []) {
      if (uses?.startsWith('actions/upload-artifact')) expect(options?.['retention-days']).toBe(30);
    }
    expect(step('Keep the dump')?.if).toContain("inputs.keep_dump && env.SNAPSHOT_PASSPHRASE != ''");
    expect(step('Encrypted dump')?.if).toContain("env.SNAPSHOT_PASSPHRASE != ''");
    expect(String(step('Keep the report')?.with?.['path'])).not.toContain('archive');
  });

  test('sends a notification when it failed', () => {
    expect(step('Tell that it failed')?.if).toContain('failure()');
    expect(step('Tell that it failed')?.run).toMatch(/^npm run notify/);
  });
});
