import { QUEUE_NAMES, isQueueName } from '../../src/domain/queues.ts';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentSchema } from '../../src/config/environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const serviceSchema = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), args: z.record(z.string(), z.string()) }).optional(),
  profiles: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()),
  init: z.boolean().optional(),
  restart: z.string(),
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
  deploy: z.object({ replicas: z.number().int().positive() }).optional(),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const composeText = read('docker-compose.yml');
const compose = composeSchema.parse(parse(composeText, { merge: true }));
const services = Object.entries(compose.services);
const own = services.filter(([, service]) => service.build !== undefined);
const known: Readonly<Record<string, unknown>> = environmentSchema.shape;

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

describe('docker-compose.yml', () => {
  test('has the servers and one service for each kind of process', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        ...['redis', 'mongo', 'minio', 'azurite'],
        ...['producer', 'playlist-worker', 'download-worker', 'upload-worker', 'sync-worker'],
        ...['maintenance-worker', 'dashboard'],
      ].sort(),
    );
  });

  test.each(own)('%s: its environment variables are ones that the program reads', (_name, service) => {
    expect(Object.keys(service.environment ?? {}).filter((variable) => !(variable in known))).toEqual([]);
  });

  test('every name it takes from .env is a variable of the program or of the compose file', () => {
    const taken = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? '');
    const unknown = taken.filter((name) => !(name in known));
    expect([...new Set(unknown)].sort()).toEqual([
      'AZURITE_PUBLISHED_PORT',
      'MINIO_IMAGE',
      'MINIO_PUBLISHED_PORT',
      'YTDLP_VERSION',
    ]);
  });

  test.each(own)('%s: the command exists and its arguments are queues', (_name, service) => {
    const [program, file = '', ...queues] = service.command;
    expect(program).toBe('node');
    expect(existsSync(path.join(ROOT, file))).toBe(true);
    expect(queues.filter((queue) => !isQueueName(queue))).toEqual([]);
  });

  test('every queue has a worker, and only one kind of it', () => {
    const worked = own.flatMap(([, service]) =>
      service.command[1] === 'src/cli/worker.ts' ? service.command.slice(2) : [],
    );
    expect(worked.sort()).toEqual([...QUEUE_NAMES].sort());
  });

  test.each(services)('%s has a health check, or runs once', (_name, service) => {
    if (service.restart === 'no') expect(service.healthcheck?.disable).toBe(true);
    else expect(service.healthcheck?.test?.length).toBeGreaterThan(1);
  });

  test.each(services)('%s: its volumes and the services it depends on exist', (_name, service) => {
    const named = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    for (const volume of named) {
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

  test.each(services.filter(([, service]) => service.build === undefined))(
    '%s: the image has a version',
    (_name, service) => {
      const image = service.image.replace(/^\$\{MINIO_IMAGE:-(.*)\}$/, '$1');
      expect(image).toMatch(/:[\w.-]*\d[\w.-]*$/);
      expect(image).not.toMatch(/:latest$/);
    },
  );

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
      expect(service?.deploy?.replicas).toBeGreaterThan(0);
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

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  test('the version of yt-dlp is a build argument, whose default stands in one place', () => {
    expect(text).toMatch(/^ARG YTDLP_VERSION=$/m);
    const version = read('local/setup/yt-dlp-version.txt').trim();
    expect(version).toMatch(/^20\d\d\.\d\d\.\d\d$/);
    for (const file of ['Dockerfile', 'docker-compose.yml'])
      expect([file, read(file).includes(version)]).toEqual([file, false]);
    expect(own.map(([, { build }]) => build?.args)).toEqual(
      own.map(() => ({ YTDLP_VERSION: '${YTDLP_VERSION:-}' })),
    );
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
        expect(given).toContain(`!${source.replace('./', '')}`);
      }
    }
    expect(copies.length).toBeGreaterThan(3);
  });

  test('what the processes write by default is in a volume that belongs to their user', () => {
    const volumes = z.array(z.string()).parse(JSON.parse(/^VOLUME (.+)$/m.exec(text)?.[1] ?? ''));
    expect(/chown node:node (.+?)(?: \\)?$/m.exec(text)?.[1]?.split(' ')).toEqual(volumes);
    for (const name of ['STAGING_DIR', 'VERSION_LOG_FILE']) {
      const value = new RegExp(`^(?:ENV| {2}) *${name}=(\\S+)`, 'm').exec(text)?.[1] ?? '';
      expect(volumes.some((volume) => value === volume || value.startsWith(`${volume}/`))).toBe(true);
      for (const [, service] of own) expect(service.environment?.[name]).toBe(value);
    }
    expect(compose.services['maintenance-worker']?.volumes).toContain('data:/data');
  });

  test('the process is not root, runs an existing file, and has a health check', () => {
    expect(text).toMatch(/^USER node$/m);
    const file = /^CMD \["node", "([^"]+)"\]$/m.exec(text)?.[1] ?? '';
    expect(existsSync(path.join(ROOT, file))).toBe(true);
    expect(text).toMatch(/^HEALTHCHECK /m);
  });

  test('its environment variables are ones that the program reads', () => {
    const assigned = [...text.matchAll(/^(?:ENV| {2})\s*([A-Z_]+)=\S+/gm)].map((match) => match[1] ?? '');
    expect(assigned.filter((name) => !(name in known))).toEqual(['NODE_ENV']);
  });
});
