/**
 * `npm run test:compose`: builds the image, takes a playlist of the sample channel through docker-compose.yml, and removes
 * everything again. Without a container engine it says so and ends with 0; with --require-engine (for CI) with 1. With --no-build
 * it takes the image `sonotheque` that is there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './paths.mjs';

const PROJECT = 'sonotheque-test';
const PLAYLIST = 'PLsample-stories-00000000000000000';
const DEADLINE_MS = 10 * 60_000;
const POLL_MS = 3_000;

const requiresEngine = process.argv.includes('--require-engine');
const reason = whyNoEngine();
if (reason !== undefined) {
  process.stdout.write(`No container engine can be used here, so nothing was tried: ${reason}\n`);
  process.exit(requiresEngine ? 1 : 0);
}

const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-compose-'));
const samples = path.join(ROOT, '.sonotheque', 'sample-channel');
const environment = { ...process.env, ...settings() };
/** @type {string[]} */
const problems = [];
try {
  await main();
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
  compose(['logs', '--no-color', '--tail', '40']);
} finally {
  compose(['--profile', 'cli', 'down', '--volumes', '--timeout', '20']);
  rmSync(directory, { recursive: true, force: true });
}
for (const problem of problems) process.stdout.write(`FAILED ${problem}\n`);
process.stdout.write(problems.length === 0 ? 'ok     the installation with docker compose\n' : '');
process.exit(problems.length === 0 ? 0 : 1);

async function main() {
  makeSamples();
  if (!process.argv.includes('--no-build')) must(['build', 'cli']);
  must(['up', '--detach', '--no-build', '--wait', '--wait-timeout', '300', 'redis', 'mongo', 'minio']);
  must(['up', '--detach', '--no-build', 'sample-channel']);
  environment['TEST_YTDLP_EXTRA_ARGS'] = await sampleArguments();
  must(['up', '--detach', '--no-build']);
  const videos = await until('all videos are stored', () => {
    const { videos } = JSON.parse(outputOf(['run', '--rm', '--no-TTY', 'cli', 'status', '--json']));
    const isDone = videos.total > 0 && videos.stored + videos.mirrored + videos.failed === videos.total;
    return isDone ? videos : undefined;
  });
  check('more than three videos, and one failure: the private one', videos.total > 3 && videos.failed === 1);
  check(
    'messages name commands as they are typed with compose',
    outputOf(['run', '--rm', '--no-TTY', 'cli', 'status', '--help']).includes(
      'docker compose run --rm cli status',
    ),
  );
  outputOf(['run', '--rm', '--no-TTY', 'cli', 'report', '--output', 'report.html']);
  await until('every container that has a health check is healthy', () =>
    unhealthy().length === 0 ? true : undefined,
  );
  must(['up', '--detach', '--no-build']);
  check('a second `up` keeps the number of download workers', countOf('download-worker') === 1);
}

/** The settings of the test, in the place of a .env. */
function settings() {
  const playlist = path.join(directory, 'playlist.txt');
  writeFileSync(playlist, `https://www.youtube.com/playlist?list=${PLAYLIST}\n`);
  const secrets = path.join(directory, 'secrets');
  mkdirSync(secrets);
  // With a $, and read from a file: both have been mistaken before.
  writeFileSync(path.join(secrets, 'minio'), 'only$for$tests\n', { mode: 0o644 });
  mkdirSync(samples, { recursive: true });
  return {
    COMPOSE_PROJECT_NAME: PROJECT,
    MINIO_ACCESS_KEY: 'sonotheque',
    MINIO_SECRET_KEY_FILE: '/run/secrets/minio',
    SECRETS_DIR: secrets,
    DASHBOARD_USER: 'tester',
    DASHBOARD_PASSWORD: 'only-for-tests',
    DASHBOARD_PORT: '13000',
    MINIO_PUBLISHED_PORT: '19000',
    DOWNLOAD_WORKERS: '1',
    PLAYLIST_FILE_ON_HOST: playlist,
    TEST_SAMPLE_DIR: samples,
    TEST_USER: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
  };
}

/** The ffmpeg of the image makes no sounds: the recordings are made on this machine, once. */
function makeSamples() {
  const program = path.join(ROOT, 'local', 'sample-channel', 'main.ts');
  const { status, stderr } = spawnSync(process.execPath, [program, samples, '--until-input-ends'], {
    input: '',
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the recordings of the sample channel (ffmpeg is needed): ${stderr}`);
}

/** What the sample channel prints when it is ready. */
async function sampleArguments() {
  const line = await until('the sample channel answers', () =>
    outputOf(['logs', '--no-color', '--no-log-prefix', 'sample-channel'])
      .split('\n')
      .find((text) => text.startsWith('{')),
  );
  return JSON.parse(line).extraArguments;
}

/** @returns {string | undefined} why nothing can be tried */
function whyNoEngine() {
  for (const args of [['info'], ['compose', 'version']]) {
    const { status, error, stderr } = spawnSync('docker', args, { encoding: 'utf8', timeout: 30_000 });
    if (status !== 0)
      return `docker ${args.join(' ')}: ${(error?.message ?? stderr.trim().split('\n').at(-1)) || 'failed'}`;
  }
  return undefined;
}

/** The services whose container is neither healthy nor without a check. */
function unhealthy() {
  return containers().filter(
    ({ State, Health }) => State === 'running' && Health !== '' && Health !== 'healthy',
  );
}

/** @param {string} service */
function countOf(service) {
  return containers().filter(({ Service, State }) => Service === service && State === 'running').length;
}

/** @returns {{ Service: string, State: string, Health: string }[]} */
function containers() {
  const lines = outputOf(['ps', '--all', '--format', 'json']).trim().split('\n');
  return lines.filter((line) => line !== '').flatMap((line) => JSON.parse(line));
}

/** @template T @param {string} what @param {() => T | undefined} look @returns {Promise<T>} */
async function until(what, look) {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within ${DEADLINE_MS / 60_000} minutes: ${what}`);
    await delay(POLL_MS);
  }
}

/** @param {string} what @param {boolean} isSo */
function check(what, isSo) {
  process.stdout.write(`${isSo ? 'ok    ' : 'FAILED'} ${what}\n`);
  if (!isSo) problems.push(what);
}

/** Runs docker compose with its output shown. @param {string[]} args @returns {boolean} */
function compose(args) {
  return (
    spawnSync('docker', composeArguments(args), { cwd: ROOT, env: environment, stdio: 'inherit' }).status ===
    0
  );
}

/** @param {string[]} args */
function must(args) {
  if (!compose(args)) throw new Error(`docker compose ${args.join(' ')}`);
}

/** @param {string[]} args */
function outputOf(args) {
  const { status, stdout, stderr } = spawnSync('docker', composeArguments(args), {
    cwd: ROOT,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`docker compose ${args.join(' ')}:\n${stderr.slice(-2_000)}`);
  return stdout;
}

/** @param {string[]} args */
function composeArguments(args) {
  const files = ['docker-compose.yml', path.join('deploy', 'compose', 'test.yml')];
  return ['compose', '--env-file', '/dev/null', ...files.flatMap((file) => ['--file', file]), ...args];
}
