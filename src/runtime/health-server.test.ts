import { afterEach, describe, expect, test } from '@jest/globals';
import {
  shareRuns,
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
} from './health-server.ts';
import { TransientError } from '../domain/job-errors.ts';
import { UserError } from './user-error.ts';

let server: HealthServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<HealthServerOptions>): Promise<(path: string) => Promise<Response>> {
  const started = await startHealthServer({ host: '127.0.0.1', port: 0, checks: {}, ...options });
  server = started;
  return (path) => fetch(`http://127.0.0.1:${String(started.port)}${path}`);
}

describe('the health server', () => {
  test('is live until the process stops, whatever the checks return', async () => {
    let live = true;
    const get = await start({ isLive: () => live, checks: { redis: () => Promise.reject(new Error('x')) } });
    expect((await get('/livez')).status).toBe(200);
    live = false;
    expect((await get('/livez')).status).toBe(503);
  });

  test('is ready when every check passes', async () => {
    const get = await start({ checks: { redis: () => Promise.resolve() } });
    const response = await get('/readyz?verbose');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ready: true, checks: [{ name: 'redis', ok: true }] });
  });

  test('names the check that fails, without the password in an address', async () => {
    const get = await start({
      checks: {
        redis: () => Promise.resolve(),
        mongo: () => Promise.reject(new TransientError('network', 'mongodb://root:geheim@db/ is silent.')),
        minio: () => Promise.reject(new Error('secret')),
      },
    });
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    const body = await response.text();
    expect(JSON.parse(body)).toEqual({
      ready: false,
      checks: [
        { name: 'redis', ok: true },
        { name: 'mongo', ok: false, reason: 'mongodb://db/ is silent.' },
        { name: 'minio', ok: false, reason: 'Unexpected failure; the log tells more.' },
      ],
    });
  });

  test('a check that hangs is not ready, and does not block the response', async () => {
    const get = await start({
      checkDeadlineMs: 20,
      checks: { mongo: () => new Promise<void>(() => undefined) },
    });
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('mongo: not done within');
  });

  test('calls during a run share its result; a later call runs again', async () => {
    let runs = 0;
    const shared = shareRuns(() => {
      runs += 1;
      return Promise.resolve(runs);
    });
    expect(await Promise.all([shared(), shared(), shared()])).toEqual([1, 1, 1]);
    expect(await shared()).toBe(2);
  });

  test('other paths and methods are refused', async () => {
    const get = await start({});
    expect((await get('/')).status).toBe(404);
    const port = String(server?.port);
    expect((await fetch(`http://127.0.0.1:${port}/livez`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('a port in use gives an error of one line', async () => {
    await start({});
    const port = server?.port ?? 0;
    const second = startHealthServer({ host: '127.0.0.1', port, checks: {} });
    await expect(second).rejects.toThrow(UserError);
    await expect(second).rejects.toThrow(/^Port \d+ of 127\.0\.0\.1 is already taken\. .*HEALTH_PORT\.$/);
  });
});
