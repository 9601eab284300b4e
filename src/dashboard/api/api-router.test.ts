import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { Router } from 'express';
import { z } from 'zod';
import { OperatorError } from '../../domain/job-errors.ts';
import { closeServer } from '../../runtime/listen.ts';
import { createSilentLogger } from '../../runtime/logger.ts';
import { AccessLog } from '../access-log.ts';
import { createApi } from './api-router.ts';
import { endpoint, type ApiServices, type Endpoint } from './endpoint.ts';
import { moment, pageOf, pageQuery } from './fields.ts';
import { PROBLEMS, type ProblemName } from './problem.ts';

const shown = { subject: 'Status', summary: '' } as const;
const answer = z.object({ said: z.string() });

const THROWN = new Map<string, () => unknown>([
  ['error', () => new Error('mongodb://root:password@10.0.0.1')],
  ['text', () => 'a text'],
  ['mongo', () => Object.assign(new Error('connect 10.0.0.1:27017'), { name: 'MongoServerSelectionError' })],
  ['operator', () => new OperatorError('credentials', 'The bucket https://u:p@host/?secret=1 refuses.')],
]);

const ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    id: 'echo',
    ...{ method: 'post', path: '/echo', role: 'operator', ...shown },
    body: z.strictObject({ text: z.string().max(20) }),
    answer,
    handle: ({ body }) => Promise.resolve({ said: body.text, password: 'not declared' }),
  }),
  endpoint({
    id: 'list',
    ...{ method: 'get', path: '/list', role: 'viewer', ...shown },
    query: z.strictObject({ text: z.string().max(50).optional(), ...pageQuery }),
    answer: pageOf(answer.extend({ at: moment })),
    handle: ({ query }) =>
      Promise.resolve({
        items: [{ said: query.text ?? '', at: new Date(0) }],
        next: query.cursor ? null : 'abc',
      }),
  }),
  endpoint({
    id: 'one',
    ...{ method: 'get', path: '/list/{id}', role: 'viewer', ...shown },
    params: z.object({ id: z.string().max(10) }),
    answer,
    handle: ({ params: { id } }) => Promise.resolve(id === 'none' ? undefined : { said: id }),
  }),
  endpoint({
    id: 'throws',
    ...{ method: 'get', path: '/throws/{what}', role: 'viewer', ...shown },
    params: z.object({ what: z.string() }),
    answer,
    handle: ({ params: { what } }) => {
      throw THROWN.get(what)?.();
    },
  }),
  endpoint({
    id: 'broken',
    ...{ method: 'get', path: '/broken', role: 'viewer', ...shown },
    answer,
    handle: () => Promise.resolve({ said: 1 as unknown as string }),
  }),
];

let server: Server;
let base: string;

beforeAll(async () => {
  const logger = createSilentLogger();
  const app = express();
  app.use(
    '/api',
    createApi({
      ...{ endpoints: ENDPOINTS, services: {} as ApiServices, logger, log: new AccessLog(logger) },
      login: undefined,
      attemptToken: () => Promise.resolve({ kind: 'too_early', waitSeconds: 7 }),
      docs: Router(),
    }),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  await closeServer(server);
});

const send = (path: string, init: RequestInit = {}) => fetch(`${base}/api/v1${path}`, init);
const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  send('/echo', { method: 'POST', body, headers });

async function expectProblem(response: Response, name: ProblemName): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = (await response.json()) as Record<string, unknown>;
  const { status, title } = PROBLEMS[name];
  expect(problem).toMatchObject({ type: `/api/v1/docs#${name}`, status, title });
  expect(response.status).toBe(status);
  return problem;
}

describe('answers', () => {
  test('have the declared fields only, and times as text', async () => {
    expect(await (await post('{"text":"hi"}')).json()).toEqual({ said: 'hi' });
    expect(await (await send('/list')).json()).toEqual({
      items: [{ said: '', at: '1970-01-01T00:00:00.000Z' }],
      next: 'abc',
    });
  });

  test('of lists say where the next page is', async () => {
    const first = await send('/list?text=a');
    expect(first.headers.get('link')).toBe('</api/v1/list?text=a&cursor=abc>; rel="next"');
    expect((await send('/list?cursor=abc')).headers.get('link')).not.toContain('rel="next"');
  });

  test('to GET have a strong ETag, with which what has not changed is not sent again', async () => {
    const first = await send('/list?text=a');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    const headers = { 'if-none-match': etag };
    const second = await send('/list?text=a', { headers });
    expect([second.status, await second.text(), second.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await send('/list?text=b', { headers })).status).toBe(200);
    const head = await send('/list?text=a', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
    expect((await post('{"text":"hi"}')).headers.get('etag')).toBeNull();
  });
});

describe('problems', () => {
  test.each<[string, ProblemName]>([
    ['/list?limit=0', 'invalid-request'],
    ['/list?limit=1000', 'invalid-request'],
    ['/list?limit=1&limit=2', 'invalid-request'],
    ['/list?cursor=..%2F', 'invalid-request'],
    [`/list?text=${'a'.repeat(51)}`, 'invalid-request'],
    ['/list?unknown=1', 'invalid-request'],
    ['/list?__proto__=1', 'invalid-request'],
    ['/list?constructor[prototype]=1', 'invalid-request'],
    [`/list/${'a'.repeat(11)}`, 'invalid-request'],
    ['/list/%ff', 'invalid-request'],
    ['/list/none', 'not-found'],
    ['/list/a/b', 'not-found'],
    ['/list/', 'not-found'],
    ['/LIST', 'not-found'],
    ['/nothing', 'not-found'],
    ['/__proto__', 'not-found'],
    [`/list?text=${'a'.repeat(5_000)}`, 'address-too-long'],
    ['/throws/error', 'unexpected'],
    ['/throws/text', 'unexpected'],
    ['/throws/nothing', 'unexpected'],
    ['/throws/operator', 'unavailable'],
    ['/throws/mongo', 'unavailable'],
    ['/broken', 'unexpected'],
  ])('GET %.60s', async (path, name) => {
    const text = JSON.stringify(await expectProblem(await send(path), name));
    expect(text).not.toMatch(/mongodb|password|secret=1|10\.0\.0\.1|\.ts:\d/);
  });

  test.each<[string, string, ProblemName]>([
    ['no JSON', '{"text":', 'invalid-request'],
    ['no object', '"text"', 'invalid-request'],
    ['a list', '[]', 'invalid-request'],
    ['nothing', '', 'invalid-request'],
    ['a field of another type', '{"text":1}', 'invalid-request'],
    ['a field that is too long', `{"text":"${'a'.repeat(21)}"}`, 'invalid-request'],
    ['an unknown field', '{"text":"a","more":1}', 'invalid-request'],
    ['a prototype', '{"text":"a","__proto__":{"role":"operator"}}', 'invalid-request'],
    ['a constructor', '{"text":"a","constructor":{"prototype":{}}}', 'invalid-request'],
    ['deep lists', `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'invalid-request'],
    ['2 MiB', `{"text":"${'a'.repeat(2 * 1024 * 1024)}"}`, 'too-large'],
  ])('a body with %s', async (_what, body, name) => {
    await expectProblem(await post(body), name);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  test.each<Record<string, string>>([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { 'content-type': 'application/json; charset=klingon' },
  ])('a body with %j', async (headers) => {
    await expectProblem(await post('{"text":"a"}', headers), 'unsupported-type');
  });

  test('an endpoint without a body takes none', async () => {
    const sent = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 7 };
      const sending = httpRequest(`${base}/api/v1/list`, { method: 'GET', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject).end('{"a":1}');
    });
    expect(sent).toBe(400);
  });

  test('name the fields that are not valid, and repeat no more of them than is needed', async () => {
    const hostile = `<script>\u202e${'x'.repeat(500)}`;
    const response = await send(`/list?limit=0&${encodeURIComponent(hostile)}=1`);
    const { errors } = await expectProblem(response, 'invalid-request');
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ in: 'query', field: 'limit', detail: expect.any(String) }),
      ]),
    );
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(JSON.stringify(errors)).not.toContain('\u202e');
  });

  test('another method is refused, and OPTIONS says which there are, without CORS', async () => {
    const response = await send('/list', { method: 'PUT' });
    await expectProblem(response, 'method-not-allowed');
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const preflight = await send('/echo', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('an answer in another form is refused', async () => {
    await expectProblem(await send('/list', { headers: { accept: 'application/xml' } }), 'not-acceptable');
    for (const accept of [
      'application/json',
      '*/*',
      'application/*',
      'text/html;q=0.9, application/json;q=0.1',
    ])
      expect((await send('/list', { headers: { accept } })).status).toBe(200);
  });

  test('after too many failed attempts a client has to wait', async () => {
    const response = await send('/list', { headers: { authorization: 'Bearer x' } });
    await expectProblem(response, 'too-many-attempts');
    expect(response.headers.get('retry-after')).toBe('7');
  });
});
