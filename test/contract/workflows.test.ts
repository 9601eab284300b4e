import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
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
    // A tag can be moved to other code; the commit cannot.
    .regex(/^actions\/[\w/-]+@[0-9a-f]{40}$/)
    .optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: variables.optional(),
  run: z.string().optional(),
});
const jobSchema = z.strictObject({
  'runs-on': z.string(),
  'timeout-minutes': z.number().max(120),
  services: z
    .record(
      z.string(),
      z.strictObject({ image: z.string(), ports: z.array(z.string()), options: z.string() }),
    )
    .default({}),
  env: variables.default({}),
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

/** The image of a service of docker-compose.yml when .env names no other. */
function imageOf(service: string): string {
  return /^\$\{\w+:-(.+)\}$/.exec(compose.services[service]?.image ?? '')?.[1] ?? 'no image';
}

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

  test('calls only commands of this project, and those that start MinIO and write the page of the run', () => {
    const others = commands.filter((command) => !/^npm (run|test|ci)\b/.test(command));
    for (const command of others) {
      expect(command).toMatch(
        /^(docker run .*|sudo apt-get (update|install -y --no-install-recommends [a-z0-9 -]+)|mkdir --parents record|(cat "\$RUNNER_TEMP\/summary\.md"|echo "\$\w+") >> "\$GITHUB_STEP_SUMMARY")$/,
      );
    }
  });

  test('every command exists and accepts its options', async () => {
    await Promise.all(
      npmCommands.map(async (command) => {
        const [, name = '', rest = ''] = /^npm run (?:--silent )?(\S+)( .*)?$/.exec(command) ?? [];
        expect(Object.keys(scripts)).toContain(name);
        const options = rest.match(/(?<= )--[a-z][a-z-]+/g) ?? [];
        if (options.length === 0 || name === 'test:compose') return;
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
    const own = new Set([
      ...['RECORD', 'HAS_OWN_BUCKET', 'HAS_PASSPHRASE', 'HAS_WEBHOOK'],
      ...['SOURCES', 'FROM', 'KEPT', 'RUN_URL'],
    ]);
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

  test('the version of every pinned action stands beside its commit', () => {
    for (const line of text.split('\n').filter((each) => each.includes('uses: '))) {
      expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('a secret is given only to steps of this project that use it, never to a whole job or to an action', () => {
    const secretsIn = (env: Readonly<Record<string, string>> = {}) =>
      Object.entries(env).filter(([, value]) => value.includes('secrets.'));
    for (const { env } of jobs) {
      // A condition can only ask the environment whether there is a secret.
      for (const [, value] of secretsIn(env)) {
        expect(value.replaceAll(/secrets\.\w+ != ''/g, '')).not.toContain('secrets.');
      }
    }
    for (const { env, run, uses } of steps) {
      if (secretsIn(env).length === 0) continue;
      expect(uses).toBeUndefined();
      expect(run).toMatch(/^(npm run |mkdir --parents record\nnpm run |docker run )/);
    }
  });

  test('no input from outside is inserted into a shell script', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  test('the servers have the versions of docker-compose.yml', () => {
    for (const { services } of jobs) {
      for (const [name, { image }] of Object.entries(services)) {
        expect(image).toBe(imageOf(name));
      }
    }
    if (text.includes('--name minio')) expect(text).toContain(` ${imageOf('minio')} server /data`);
  });
});

describe('the daily collection', () => {
  const names = daily?.steps.map(({ name, run, uses }) => name ?? run ?? uses ?? '') ?? [];
  const step = (name: string) => daily?.steps.find((each) => each.name === name);

  test('runs at 02:00 UTC and by hand with a choice of sources', () => {
    expect(daily?.workflow.on).toMatchObject({
      schedule: [{ cron: '0 2 * * *' }],
      workflow_dispatch: { inputs: { sources: { default: '' } } },
    });
  });

  test('restores, collects, checks the health, reports and saves, in this order', () => {
    const order = [
      ...['Restore the last snapshot from the bucket', 'Find what the last run kept'],
      ...['Restore the record of the last run', 'Collect', 'Health', 'Report', 'Snapshot'],
      ...[
        'Dump the database for the next run',
        'Keep the record for the next run',
        'Say where the record is',
      ],
    ];
    const places = order.map((name) => names.indexOf(name));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((first, second) => first - second));
  });

  test('keeps artefacts for 30 days', () => {
    for (const { uses, with: options } of daily?.steps ?? []) {
      if (uses?.startsWith('actions/upload-artifact')) expect(options?.['retention-days']).toBe(30);
    }
    expect(String(step('Keep the report')?.with?.['path'])).not.toContain('archive');
  });

  test('the next run looks for the record where this one keeps it, and finds the newest', () => {
    const find = step('Find what the last run kept');
    const keep = step('Keep the record for the next run');
    expect([find?.uses, keep?.uses].map((uses) => uses?.split('@')[0])).toEqual([
      'actions/cache/restore',
      'actions/cache/save',
    ]);
    expect(keep?.with).toEqual({ path: find?.with?.['path'], key: find?.with?.['key'] });
    expect(String(keep?.with?.['key'])).toMatch(/^record-.*github\.run_id.*github\.run_attempt/);
    expect(find?.with?.['restore-keys']).toBe('record-');
    expect(daily?.jobs[0]?.env['VERSION_LOG_FILE']).toMatch(/^record\//);
  });

  const NONE = { MONGO_URL: '', MINIO_ENDPOINT: '', SNAPSHOT_PASSPHRASE: '' };
  const RESTORES = ['Restore the last snapshot from the bucket', 'Restore the record of the last run'];
  const SAVES = ['Dump the database for the next run', 'Keep the record for the next run', 'Keep the dump'];

  test.each<[string, Partial<typeof NONE>, readonly string[], readonly string[], RegExp]>([
    [
      'nothing: in the cache as it is, and no artefact of it',
      {},
      RESTORES.slice(1),
      SAVES.slice(0, 2),
      /cache of this repository, not encrypted: whoever may open a pull request can read it/,
    ],
    [
      'a passphrase: in the cache and as an artefact, encrypted',
      { SNAPSHOT_PASSPHRASE: 'a long passphrase' },
      RESTORES.slice(1),
      SAVES,
      /cache of this repository, encrypted .* for 30 days an artefact/,
    ],
    [
      'a bucket: in its snapshots',
      { MINIO_ENDPOINT: 'minio.example:9000' },
      RESTORES.slice(0, 1),
      SAVES.slice(1, 2),
      /snapshots in your bucket/,
    ],
    [
      'a database: there',
      { MONGO_URL: 'mongodb://example', MINIO_ENDPOINT: 'minio.example:9000' },
      [],
      SAVES.slice(1, 2),
      /in your database/,
    ],
  ])('with the secret of %s', (_name, given, restores, saves, said) => {
    const run = simulate({ ...NONE, ...given });
    expect(RESTORES.filter(run.does)).toEqual(restores);
    expect(SAVES.filter(run.does)).toEqual(saves);
    expect(run.text('KEPT')).toMatch(said);
    expect(run.text('FROM')).toMatch(/^This run continued/);
  });

  test('says on the first run that growth begins there, and keeps nothing when the record could not be restored', () => {
    expect(simulate(NONE, { matched: '' }).text('FROM')).toContain('growth is counted from here');
    const failed = simulate({ ...NONE, SNAPSHOT_PASSPHRASE: 'a long passphrase' }, { collect: 'skipped' });
    expect([...SAVES, 'Snapshot', 'Report'].filter(failed.does)).toEqual([]);
    expect(failed.text('FROM')).toContain('the record is as it was');
    expect(failed.does('Say where the record is')).toBe(true);
  });

  /** What the workflow does with these secrets, by its own expressions; those of GitHub that it uses are also JavaScript. */
  function simulate(
    secrets: Readonly<Record<string, string>>,
    { matched = 'record-1-1', collect = 'success' } = {},
  ) {
    const steps = {
      collect: { outcome: collect },
      dump: { outcome: '' },
      last: { outputs: { matched } },
    };
    const evaluate = (expression: string, env: Readonly<Record<string, string>>): unknown =>
      runInNewContext(expression.replaceAll('outputs.cache-matched-key', 'outputs.matched'), {
        ...{ secrets, env, steps },
        cancelled: () => false,
        hashFiles: () => matched,
        format: (text: string, value: string) => text.replace('{0}', value),
      });
    const jobEnv = daily?.jobs[0]?.env ?? {};
    const ofJob = ['RECORD', 'HAS_OWN_BUCKET', 'HAS_PASSPHRASE'];
    const env = Object.fromEntries(
      ofJob.map((name) => [name, String(evaluate(inner(jobEnv[name] ?? ''), {}))]),
    );
    const does = (name: string) => evaluate(inner(step(name)?.if ?? 'true'), env) === true;
    // As on GitHub: a step that is not done is skipped.
    steps.dump.outcome = does('Dump the database for the next run') ? 'success' : 'skipped';
    return {
      does,
      text: (name: string) =>
        String(evaluate(inner(step('Say where the record is')?.env?.[name] ?? ''), env)),
    };
  }

  /** The expression without its braces, which an `if` may leave out. */
  function inner(text: string): string {
    return text.replace(/^\$\{\{(.*)\}\}$/s, '$1');
  }

  test('sends a notification when it failed', () => {
    expect(step('Tell that it failed')?.if).toContain('failure()');
    expect(step('Tell that it failed')?.run).toMatch(/^npm run notify/);
  });
});
