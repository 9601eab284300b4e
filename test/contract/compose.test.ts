import { QUEUE_NAMES, isQueueName } from '../../src/domain/queues.ts';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { IMAGE_COMMANDS } from '../../local/setup/commands.mjs';
import { environmentSchema, SECRET_NAMES } from '../../src/config/environment.ts';
import { INPUT_FORMATS } from '../../src/media/ffmpeg.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const serviceSchema = z.strictObject({
  extends: z.strictObject({ file: z.string(), service: z.string() }).optional(),
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), args: z.record(z.string(), z.string()) }).optional(),
  profiles: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()),
  init: z.boolean().optional(),
  restart: z.string().optional(),
  logging: z
    .object({ options: z.record(z.string(), z.string()) })
    .loose()
    .optional(),
  mem_limit: z.string(),
  stop_grace_period: z.string().optional(),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().optional() }))
    .optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  healthcheck: z
    .object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() })
    .loose()
    .optional(),
  deploy: z.object({ replicas: z.string() }).optional(),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const composeText = read('docker-compose.yml');
const common = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        profiles: z.array(z.string()).optional(),
        logging: z.object({ options: z.record(z.string(), z.string()) }),
      }),
    ),
  })
  .parse(parse(read('deploy/compose/server.yml')));
const compose = composeSchema.parse(parse(composeText, { merge: true }));
const services = Object.entries(compose.services);
const own = services.filter(([, service]) => service.build !== undefined);
const servers = services.filter(([, service]) => service.build === undefined);
const known: Readonly<Record<string, unknown>> = environmentSchema.shape;

/** Whether the program reads a variable, or the file that it names. */
function isRead(name: string): boolean {
  return name in known || SECRET_NAMES.some((secret) => name === `${secret}_FILE`);
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

describe('docker-compose.yml', () => {
  test('has the servers and one service for each kind of process', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        ...['redis', 'mongo', 'minio', 'azurite'],
        ...['cli', 'producer', 'playlist-worker', 'download-worker', 'upload-worker', 'sync-worker'],
        ...['maintenance-worker', 'dashboard'],
      ].sort(),
    );
  });

  test.each(own)('%s: its environment variables are ones that the program reads', (_name, service) => {
    expect(Object.keys(service.environment ?? {}).filter((variable) => !isRead(variable))).toEqual([]);
  });

  test('every name it takes from .env is a variable of the program or of the compose file', () => {
    const taken = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? '');
    const unknown = taken.filter((name) => !isRead(name));
    const head = composeText.slice(0, composeText.indexOf('\nx-'));
    // The comment at its beginning tells of every name that only this file reads.
    expect([...new Set(unknown)].filter((name) => !head.includes(name))).toEqual([]);
    expect(unknown.length).toBeGreaterThan(5);
  });

  test.each(own)('%s: the command exists and its arguments are queues', (_name, service) => {
    const [command = '', ...queues] = service.command;
    expect(['--help', ...Object.keys(IMAGE_COMMANDS)]).toContain(command);
    expect(queues.filter((queue) => !isQueueName(queue))).toEqual([]);
  });

  test('every queue has a worker, and only one kind of it', () => {
    const worked = own.flatMap(([, service]) =>
      service.command[0] === 'worker' ? service.command.slice(1) : [],
    );
    expect(worked.sort()).toEqual([...QUEUE_NAMES].sort());
  });

  // Those of the image have the one of the Dockerfile, which knows the commands.
  test.each(servers)('%s has a health check that fits a small machine', (_name, service) => {
    expect(service.healthcheck?.test?.length).toBeGreaterThan(1);
    expect(Number(/^(\d+)s$/.exec(String(service.healthcheck?.['interval']))?.[1])).toBeGreaterThanOrEqual(
      10,
    );
  });

  test.each(services)('%s: its log and its memory are limited', (_name, service) => {
    const logging = service.extends === undefined ? service.logging : common.services['server']?.logging;
    expect(logging?.options).toMatchObject({ 'max-size': '10m' });
    expect(service.mem_limit).toMatch(/^\$\{[A-Z]+_MEMORY:-\d+[gm]\}$/);
  });

  test('a server that .env names by its address is left out, and nothing waits for it', () => {
    const given = { redis: 'REDIS_URL', mongo: 'MONGO_URL', minio: 'MINIO_ENDPOINT' };
    for (const [name, variable] of Object.entries(given)) {
      expect(compose.services[name]?.extends?.service).toBe(`\${${variable}:+given-}server`);
      for (const [, service] of own) {
        if (service.depends_on !== undefined) expect(service.depends_on[name]?.required).toBe(false);
      }
    }
    expect(common.services['given-server']?.profiles).toEqual(['given']);
    expect(common.services['server']?.profiles).toBeUndefined();
  });

  test('the number of download workers is a setting', () => {
    expect(compose.services['download-worker']?.deploy?.replicas).toBe('${DOWNLOAD_WORKERS:-2}');
  });

  // compose evaluates the default of a default even when it is not needed, so that ${A:-${B:?}} asks for both.
  test('keys may be given as files: no name is required', () => {
    expect(composeText).not.toMatch(/:\?/);
  });

  test.each(services)('%s: its volumes and the services it depends on exist', (_name, service) => {
    const sources = (service.volumes ?? []).map((volume) => volume.replace(/^\$\{\w+:-([^}]+)\}/, '$1'));
    for (const volume of sources.map((text) => text.split(':')[0] ?? '')) {
      // Docker makes the directory of secrets.
      if (volume === './secrets') continue;
      if (volume.startsWith('./')) expect(existsSync(path.join(ROOT, volume))).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(volume);
    }
    for (const name of Object.keys(service.depends_on ?? {})) {
      expect(Object.keys(compose.services)).toContain(name);
      // A service without a profile must not depend on one with a profile.
      if (compose.services[name]?.profiles !== undefined)
        expect(service.depends_on?.[name]?.required).toBe(false);
    }
  });

  test.each(services)('%s: ports are open on this host only', (_name, service) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(servers)('%s: the image has a version and a digest', (_name, service) => {
    expect(service.image).toMatch(/^\$\{[A-Z]+_IMAGE:-[\w./-]+:[A-Za-z.-]*\d[\w.-]*@sha256:[0-9a-f]{64}\}$/);
  });

  test.each(own)('%s has an init process and more time to stop than the grace time', (_name, service) => {
    const graceSeconds = environmentSchema.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);
    expect(service.init).toBe(true);
    expect(Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1])).toBeGreaterThan(graceSeconds + 10);
  });

  test('download and upload workers share the staging directory, and can be scaled', () => {
    for (const name of ['download-worker', 'upload-worker']) {
      const service = compose.services[name];
      expect(service?.volumes).toContain(`staging:${String(service?.environment?.['STAGING_DIR'])}`);
      expect(service?.ports).toBeUndefined();
    }
  });

  test('Redis keeps its jobs, MongoDB is a replica set', () => {
    expect(compose.services['redis']?.command.join(' ')).toMatch(
      /--appendonly yes --maxmemory-policy noeviction/,
    );
    expect(compose.services['mongo']?.command).toContain('--replSet');
    expect(composeText).toContain('replicaSet=rs0');
  });
});

describe('deploy/compose/mongo-health.sh', () => {
  const script = path.join(ROOT, 'deploy/compose/mongo-health.sh');

  /** Runs the check with a stand-in for MongoDB's shell that notes its calls. @returns its exit code and the calls so far */
  function check(directory: string, port: number, shellExitCode: number) {
    const text = readFileSync(script, 'utf8')
      .replaceAll('/data/db', directory)
      .replaceAll('127.0.0.1/27017', `127.0.0.1/${String(port)}`);
    writeFileSync(
      path.join(directory, 'mongosh'),
      `#!/bin/sh\necho called >> ${directory}/calls\nexit ${String(shellExitCode)}\n`,
      { mode: 0o755 },
    );
    const { status } = spawnSync('bash', ['-c', text], {
      env: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
    });
    const calls = path.join(directory, 'calls');
    return { status, calls: existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').length - 1 : 0 };
  }

  test('makes the replica set once, then only looks whether the port answers', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-mongo-health-'));
    const server = createServer((socket) => socket.end());
    try {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      expect(check(directory, port, 1)).toEqual({ status: 1, calls: 1 });
      expect(check(directory, port, 0)).toEqual({ status: 0, calls: 2 });
      expect(check(directory, port, 0)).toEqual({ status: 0, calls: 2 });
      await new Promise((resolve) => server.close(resolve));
      expect(check(directory, port, 0)).toEqual({ status: 1, calls: 2 });
    } finally {
      server.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describe('deploy/compose/start-minio.sh', () => {
  const start = (env: Record<string, string>) =>
    spawnSync('sh', [path.join(ROOT, 'deploy/compose/start-minio.sh'), 'server'], {
      env: { ...env, PATH },
      encoding: 'utf8',
    });
  let directory = '';
  let PATH = '';
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-minio-'));
    PATH = `${directory}:${process.env['PATH'] ?? ''}`;
    writeFileSync(
      path.join(directory, 'minio'),
      '#!/bin/sh\necho "$MINIO_ROOT_USER|$MINIO_ROOT_PASSWORD|$*"\n',
      { mode: 0o755 },
    );
    writeFileSync(path.join(directory, 'key'), 'of $the file\n');
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test('takes the keys, or those of the files', () => {
    expect(start({ MINIO_ACCESS_KEY: 'a', MINIO_SECRET_KEY: 's$1' }).stdout).toBe('a|s$1|server\n');
    const both = {
      MINIO_ACCESS_KEY: 'a',
      MINIO_SECRET_KEY: 's',
      MINIO_SECRET_KEY_FILE: path.join(directory, 'key'),
    };
    expect(start(both).stdout).toBe('a|of $the file|server\n');
  });

  test('does not start without keys, and says which is missing', () => {
    const { status, stderr, stdout } = start({ MINIO_ACCESS_KEY: 'a' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('Set MINIO_SECRET_KEY or MINIO_SECRET_KEY_FILE');
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  test('the version of yt-dlp is a build argument, whose default stands in one place', () => {
    expect(text).toMatch(/^ARG YTDLP_VERSION=$/m);
    const version = read('local/setup/yt-dlp-version.txt').trim();
    expect(version).toMatch(/^20\d\d\.\d\d\.\d\d$/);
    for (const file of ['Dockerfile', 'docker-compose.yml'])
      expect([file, read(file).includes(version)]).toEqual([file, false]);
    expect(own.map(([, { build }]) => build?.args)).toEqual(
      own.map(() => ({
        NODE_IMAGE: `\${NODE_IMAGE:-${/^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1] ?? '?'}}`,
        YTDLP_VERSION: '${YTDLP_VERSION:-}',
      })),
    );
    // Another version must not install the system's packages again.
    expect(text.indexOf('ARG YTDLP_VERSION')).toBeGreaterThan(text.indexOf('python3-venv'));
    expect(existsSync(path.join(ROOT, `local/setup/requirements/yt-dlp-${version}.txt`))).toBe(true);
  });

  test('needs nothing from elsewhere to be read, and all its stages the one pinned image', () => {
    expect(text).not.toMatch(/^# *syntax/m);
    expect(text).toMatch(/^ARG NODE_IMAGE=node:24\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/m);
    expect(new Set([...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image))).toEqual(
      new Set(['${NODE_IMAGE}']),
    );
  });

  test('ffmpeg can read the containers of the program', () => {
    const demuxers = /--enable-demuxer='([^']+)'/.exec(read('deploy/image/build-ffmpeg.sh'))?.[1]?.split(',');
    // One demuxer has several names.
    const one = new Map([
      ...['mp4', 'm4a', '3gp', '3g2', 'mj2'].map((name) => [name, 'mov'] as const),
      ['webm', 'matroska'],
    ]);
    const wanted = INPUT_FORMATS.split(',').map((name) => one.get(name) ?? name);
    expect(wanted.filter((name) => demuxers?.includes(name) !== true)).toEqual([]);
  });

  test('ffmpeg can write the samples of the peaks', () => {
    const script = read('deploy/image/build-ffmpeg.sh');
    for (const part of ['encoder', 'muxer']) {
      const built = new RegExp(`--enable-${part}='([^']+)'`).exec(script)?.[1]?.split(',');
      expect([part, built?.includes('pcm_s16le')]).toEqual([part, true]);
    }
  });

  const stages = [...text.matchAll(/^FROM \S+(?: AS (\S+))?$/gm)].map((match) => match[1]);
  const copies = [...text.matchAll(/^COPY (?:--from=(\S+) )?(.+)$/gm)];

  test('everything it copies exists and is not excluded by .dockerignore', () => {
    const given = read('.dockerignore').split('\n');
    for (const [, from, paths = ''] of copies) {
      if (from !== undefined) {
        expect(stages).toContain(from);
        continue;
      }
      for (const source of paths.split(' ').slice(0, -1)) {
        expect(existsSync(path.join(ROOT, source))).toBe(true);
        const isGiven = given.some((line) => line === `!${source}` || source.startsWith(`${line.slice(1)}/`));
        expect([source, isGiven]).toEqual([source, true]);
      }
    }
    expect(copies.length).toBeGreaterThan(3);
  });

  test('what the processes write by default is in a volume that belongs to their user', () => {
    const volumes = /chown node:node (.+?)(?: \\)?$/m.exec(text)?.[1]?.split(' ') ?? [];
    expect(volumes).toEqual(['/staging', '/data', '/app/.sonotheque/tools']);
    // Each of them would become an anonymous volume of every container that does not name it.
    expect(text).not.toMatch(/^VOLUME/m);
    for (const [, service] of own)
      for (const volume of volumes)
        expect(service.volumes?.some((each) => each.endsWith(`:${volume}`))).toBe(true);
    for (const name of ['STAGING_DIR', 'VERSION_LOG_FILE']) {
      const value = new RegExp(`^(?:ENV| {2}) *${name}=(\\S+)`, 'm').exec(text)?.[1] ?? '';
      expect(volumes.some((volume) => value === volume || value.startsWith(`${volume}/`))).toBe(true);
      for (const [, service] of own) expect(service.environment?.[name]).toBe(value);
    }
    expect(compose.services['maintenance-worker']?.volumes).toContain('data:/data');
  });

  test('the process is not root, runs an existing file, and has a health check', () => {
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^ENTRYPOINT \["sonotheque"\]$/m);
    expect(text).toContain('ln -s /app/deploy/image/sonotheque.mjs /usr/local/bin/sonotheque');
    expect(Object.keys(IMAGE_COMMANDS)).toContain(/^CMD \["(\w+)"\]$/m.exec(text)?.[1]);
    expect(/^HEALTHCHECK .* CMD \["\/app\/(.+)"\]$/m.exec(text)?.[1]).toBe('deploy/image/health-check.sh');
  });

  test('its environment variables are ones that the program reads', () => {
    const assigned = [...text.matchAll(/^(?:ENV| {2})\s*([A-Z_]+)=\S+/gm)].map((match) => match[1] ?? '');
    expect(assigned.filter((name) => !(name in known))).toEqual(['NODE_ENV', 'COMMAND_PREFIX']);
  });
});
