import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createHttpClient,
  type HttpClientOptions,
  type ClosableHttpClient,
} from '../../src/runtime/http-client/create-http-client.ts';
import type { HttpRequest } from '../../src/runtime/http-client/http-client.ts';
import { closeServer } from '../../src/runtime/listen.ts';

const KEY = 'k3y+with/odd=signs';
const opened: ClosableHttpClient[] = [];
let servers: Server[];
let requests: IncomingMessage[];
let base: string;
let listener: RequestListener;

beforeEach(async () => {
  servers = [];
  requests = [];
  listener = (_request, response) => response.end('hello');
  base = await serve((request, response) => {
    requests.push(request);
    listener(request, response);
  });
});

afterEach(async () => {
  await Promise.all(servers.map(closeServer));
  await Promise.all(opened.splice(0).map((client) => client.close()));
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function client(options: Partial<HttpClientOptions> = {}): ClosableHttpClient {
  const made = createHttpClient({
    userAgent: 'Sonotheque/1.0',
    timeoutMs: 10_000,
    stallMs: 5_000,
    allowPrivateAddresses: true,
    ...options,
  });
  opened.push(made);
  return made;
}

function get(path: string, request: Partial<HttpRequest> = {}, options: Partial<HttpClientOptions> = {}) {
  const signal = request.signal ?? new AbortController().signal;
  return client(options).fetch(new URL(path, base), { maxBytes: 100_000, ...request, signal });
}

async function failureOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) throw new Error('It did not fail.');
  return {
    ...Object.fromEntries(Object.entries(thrown)),
    message: thrown.message,
    shown: inspect(thrown, { depth: 8 }),
  };
}

describe('addresses', () => {
  test.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'http://2130706433'])(
    '%s is refused before a request is sent',
    async (address) => {
      const url = `${address}:${new URL(base).port}/`;
      expect(await failureOf(get(url, {}, { allowPrivateAddresses: false }))).toMatchObject({
        errorClass: 'address_refused',
      });
      expect(requests).toEqual([]);
    },
  );

  test('a name of this machine is fetched with the flag', async () => {
    const answer = await get(`http://localhost:${new URL(base).port}/`);
    expect(await answer.text()).toBe('hello');
  });

  test.each(['ftp://site.example/', 'file:///etc/passwd', 'http://user:word@site.example/'])(
    '%s is refused',
    async (address) => {
      const failure = await failureOf(get(address));
      expect(failure).toMatchObject({ errorClass: 'address_refused' });
      expect(failure['shown']).not.toContain('word@');
    },
  );

  test.each(['ftp://site.example/', 'http://user:word@127.0.0.1/'])(
    'a redirect to %s is refused',
    async (location) => {
      listener = (_request, response) => response.writeHead(302, { location }).end();
      expect(await failureOf(get('/'))).toMatchObject({ errorClass: 'address_refused' });
    },
  );
});

describe('a trusted origin', () => {
  const options = () => ({ allowPrivateAddresses: false, httpsOnly: true, trustedOrigin: base });

  test('may be in a private network, also after a redirect to itself', async () => {
    listener = ({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/moved' }).end();
      else response.end('moved');
    };
    expect(await (await get('/', {}, options())).text()).toBe('moved');
  });

  test.each(['127.0.0.1', 'localhost'])('must not redirect to another private address (%s)', async (host) => {
    let reached = false;
    const other = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    listener = (_request, response) => {
      response.writeHead(302, { location: other.replace('127.0.0.1', host) }).end();
    };
    expect(await failureOf(get('/', {}, options()))).toMatchObject({ errorClass: 'address_refused' });
    const plainHttp = { ...options(), httpsOnly: false };
    expect(await failureOf(get('/', {}, plainHttp))).toMatchObject({ errorClass: 'address_refused' });
    expect(reached).toBe(false);
  });
});

test('plain HTTP is refused where only HTTPS is allowed', async () => {
  expect(await failureOf(get('/', {}, { httpsOnly: true }))).toMatchObject({ errorClass: 'address_refused' });
  expect(requests).toEqual([]);
});

test('a redirect is a failure where none is allowed', async () => {
  listener = (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end();
  expect(await failureOf(get('/', { redirects: 'none' }))).toMatchObject({ errorClass: 'source_format' });
  expect(requests).toHaveLength(1);
});

describe('redirects', () => {
  test('that set a cookie work where the client returns it, and no later request has it', async () => {
    listener = (request, response) => {
      if (request.headers.cookie?.includes('consent=1') === true) response.end('the feed');
      else response.writeHead(302, { location: '/feed', 'set-cookie': 'consent=1; Path=/' }).end();
    };
    const chain = { redirectCookies: true };
    expect(await (await get('/feed', {}, chain)).text()).toBe('the feed');
    expect(await (await get('/feed', { headers: { cookie: 'own=2' } }, chain)).text()).toBe('the feed');
    expect(requests.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      'consent=1',
      'own=2',
      'own=2; consent=1',
    ]);
    expect(await failureOf(get('/feed'))).toMatchObject({ errorClass: 'source_format' });
  });

  test('are followed five times, not six times', async () => {
    listener = ({ url }, response) => {
      const count = Number(url?.slice(1));
      if (count === 0) response.end('there');
      else response.writeHead(302, { location: `/${String(count - 1)}` }).end();
    };
    const answer = await get('/5');
    expect(await answer.text()).toBe('there');
    expect(answer.url.pathname).toBe('/0');
    expect(await failureOf(get('/6'))).toMatchObject({ errorClass: 'source_format' });
  });

  test('to another origin lose all credentials; on the same origin they keep them', async () => {
    const seen: IncomingMessage[] = [];
    const other = await serve((request, response) => {
      seen.push(request);
      response.end('other');
    });
    listener = ({ url }, response) => {
      const location = url?.startsWith('/first') === true ? '/second' : `${other}/third`;
      response.writeHead(302, { location }).end();
    };
    const answer = await get('/first', {
      authorization: 'Bearer word',
      headers: { cookie: 'a=b', 'X-Key': 'c', accept: 'text/html' },
      secretParameters: { key: KEY },
    });
    expect(await answer.text()).toBe('other');
    for (const { headers, url } of requests) {
      expect(headers).toMatchObject({ authorization: 'Bearer word', cookie: 'a=b' });
      expect(new URL(url ?? '', base).searchParams.get('key')).toBe(KEY);
    }
    expect(seen[0]?.url).toBe('/third');
    expect(seen[0]?.headers).toMatchObject({ accept: 'text/html', 'user-agent': 'Sonotheque/1.0' });
    for (const name of ['authorization', 'cookie', 'x-key'])
      expect(seen[0]?.headers).not.toHaveProperty(name);
  });

  test('to another host are refused when the caller requires the same host', async () => {
    const other = await serve((_request, response) => response.end());
    listener = (_request, response) => response.writeHead(301, { location: other }).end();
    expect(await failureOf(get('/', { redirects: 'same-host' }))).toMatchObject({
      errorClass: 'address_refused',
    });
  });

  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'body'],
    [308, 'POST', 'body'],
  ])('of a POST with %d become a %s', async (status, method, body) => {
    listener = (request, response) => {
      if (request.url === '/') response.writeHead(status, { location: '/to' }).end();
      else request.pipe(response.setHeader('x-method', request.method ?? ''));
    };
    const answer = await get('/', { method: 'POST', body: 'body' });
    expect([answer.headers.get('x-method'), await answer.text()]).toEqual([method, body]);
  });
});

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync('text')],
    ['x-gzip', gzipSync('text')],
    ['deflate', deflateSync('text')],
    ['deflate', deflateRawSync('text')],
    ['br', brotliCompressSync('text')],
    ['gzip, br', brotliCompressSync(gzipSync('text'))],
    ['identity', Buffer.from('text')],
  ])('encoded as %s are decoded', async (coding, body) => {
    listener = (_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
    expect(await (await get('/')).text()).toBe('text');
  });

  test('are limited after decompression, and a bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    listener = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    const before = process.memoryUsage.rss();
    expect(await failureOf((await get('/')).bytes())).toMatchObject({ errorClass: 'too_large' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
  });

  test('with a content-length above the limit are refused without being read', async () => {
    listener = (_request, response) => response.writeHead(200, { 'content-length': '100001' }).write('x');
    expect(await failureOf(get('/'))).toMatchObject({ errorClass: 'too_large' });
  });

  test.each<[string, RequestListener]>([
    [
      'content-length',
      (_request, response) =>
        response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()),
    ],
    ['chunks', (_request, response) => response.write('x', () => setImmediate(() => response.destroy()))],
    [
      'gzip',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip', connection: 'close' })
          .end(gzipSync('x'.repeat(100)).subarray(0, 20)),
    ],
  ])('that are cut off (%s) are a network failure', async (_case, answer) => {
    listener = answer;
    expect(await failureOf(get('/').then((answered) => answered.bytes()))).toMatchObject({
      errorClass: 'network',
    });
  });

  test('that stall, and servers that never answer, fail in time', async () => {
    listener = (_request, response) => response.write('x');
    expect(await failureOf((await get('/', {}, { stallMs: 200 })).bytes())).toMatchObject({
      errorClass: 'stall',
    });
    listener = () => undefined;
    expect(await failureOf(get('/', {}, { stallMs: 200 }))).toMatchObject({ errorClass: 'stall' });
  });

  test('that trickle fail at the deadline of the request', async () => {
    listener = (_request, response) => {
      const trickle = setInterval(() => response.write('x'), 20);
      response.once('close', () => {
        clearInterval(trickle);
      });
    };
    expect(await failureOf((await get('/', { timeoutMs: 300 })).bytes())).toMatchObject({
      errorClass: 'timeout',
    });
  });

  test('end when the caller aborts, also while nothing is read', async () => {
    listener = (_request, response) => response.write('x');
    const controller = new AbortController();
    const answer = await get('/', { signal: controller.signal });
    controller.abort();
    const failure = await failureOf(once(answer.body, 'end'));
    expect(failure).toMatchObject({ outcome: 'interrupted' });
  });

  test('are decoded by their charset, and counted as transferred', async () => {
    listener = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=ISO-8859-1' })
        .end(Buffer.from('été', 'latin1'));
    const http = client();
    const answer = await http.fetch(new URL(base), { maxBytes: 10, signal: new AbortController().signal });
    expect([await answer.text(), http.bytesReceived]).toEqual(['été', 3]);
  });

  test('of another type, or with invalid JSON, fail as unexpected', async () => {
    listener = (_request, response) =>
      response.writeHead(200, { 'content-type': 'Text/HTML; charset=utf-8' }).end('<');
    expect(await failureOf(get('/', { mediaTypes: ['application/json'] }))).toMatchObject({
      errorClass: 'source_format',
    });
    const answer = await get('/', { mediaTypes: ['text/html'] });
    expect(await failureOf(answer.json())).toMatchObject({ errorClass: 'source_format' });
  });
});

test('unchanged content is not sent again', async () => {
  listener = ({ headers }, response) => {
    const isKnown = headers['if-none-match'] === '"v1"';
    response.writeHead(isKnown ? 304 : 200, {
      etag: '"v1"',
      'last-modified': 'Sun, 01 Mar 2026 12:00:00 GMT',
    });
    response.end(isKnown ? undefined : 'body');
  };
  const first = await get('/');
  expect(await first.text()).toBe('body');
  const again = await get('/', { validators: first.validators });
  expect([again.status, again.notModified, await again.text()]).toEqual([304, true, '']);
  expect(requests[1]?.headers['if-modified-since']).toBe('Sun, 01 Mar 2026 12:00:00 GMT');
});

test.each([
  [401, 'source_refused', 'permanent'],
  [403, 'source_refused', 'permanent'],
  [404, 'source_missing', 'permanent'],
  [410, 'source_missing', 'permanent'],
  [408, 'timeout', 'transient'],
  [500, 'server_error', 'transient'],
  [503, 'server_error', 'transient'],
  [304, 'source_format', 'transient'],
  [429, 'source_limited', 'later'],
])('%d is %s, unless the caller accepts the status', async (status, errorClass, outcome) => {
  listener = (_request, response) => response.writeHead(status).end();
  expect(await failureOf(get('/'))).toMatchObject({ errorClass, outcome });
  const answer = await get('/', { acceptedStatuses: [status] });
  expect(answer.status).toBe(status);
  await answer.discard();
});

test.each([
  [429, () => '120'],
  [503, () => '120'],
  [429, () => new Date(Date.now() + 120_000).toUTCString()],
])('%d with Retry-After gives the time of the next attempt', async (status, retryAfter) => {
  listener = (_request, response) => response.writeHead(status, { 'retry-after': retryAfter() }).end();
  const before = Date.now();
  const { errorClass, availableAt } = await failureOf(get('/'));
  expect(errorClass).toBe('source_limited');
  const pauseMs = (availableAt as Date).getTime() - before;
  expect(pauseMs).toBeGreaterThan(118_000);
  expect(pauseMs).toBeLessThan(140_000);
});

describe('secrets', () => {
  const request = { authorization: 'Bearer t0ken', secretParameters: { key: KEY } };

  test.each<[string, RequestListener]>([
    ['refused', (_request, response) => response.writeHead(401).end()],
    ['cut off', (_request, response) => response.destroy()],
    [
      'redirected with them',
      ({ url }, response) =>
        response
          .writeHead(url?.includes('again') === true ? 500 : 302, {
            location: `/again/t0ken?other=${encodeURIComponent(KEY)}&X-Goog-Signature=s1gned`,
          })
          .end(),
    ],
    [
      'of another type',
      (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(),
    ],
  ])('are not in the error of a request that is %s', async (_case, answer) => {
    listener = answer;
    const { shown } = await failureOf(get('/path?visible=yes', { ...request, mediaTypes: ['text/html'] }));
    for (const secret of [KEY, encodeURIComponent(KEY), 't0ken', 's1gned'])
      expect(shown).not.toContain(secret);
    expect(shown).toContain(base);
  });

  test('are not in an error that names the address by its label', async () => {
    listener = (_request, response) => response.writeHead(500).end();
    const { message } = await failureOf(get('/token-in-the-path', { label: 'The webhook' }));
    expect(message).toBe('The webhook answered with status 500.');
    listener = (_request, response) => response.destroy();
    const { shown } = await failureOf(get('/token-in-the-path', { label: 'The webhook' }));
    expect(shown).not.toMatch('token-in-the-path');
  });

  test('are not in the URL of a response', async () => {
    const answer = await get('/path?a=1', request);
    expect(answer.url.href).toBe(`${base}/path?a=1`);
    await answer.discard();
    expect(new URL(requests[0]?.url ?? '', base).searchParams.get('key')).toBe(KEY);
  });
});
