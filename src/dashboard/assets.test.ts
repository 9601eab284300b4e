import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { ASSET_NAMES, assetPath, createAssets } from './assets.ts';

let server: Server;
const open = async (path: string) => {
  const { port } = server.address() as AddressInfo;
  return await fetch(`http://127.0.0.1:${String(port)}${path}`);
};

beforeAll(async () => {
  server = createServer(express().use(createAssets())).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

test.each([...ASSET_NAMES])('%s is kept for good under a name that changes with it', async (name) => {
  const path = assetPath(name);
  const [, base, hash, type] = /^\/assets\/([\w-]+)\.([0-9a-f]{12})\.(js|css)$/.exec(path) ?? [];
  expect(`${String(base)}.${String(type)}`).toBe(name);
  const response = await open(path);
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-type')).toMatch(
    type === 'css' ? /^text\/css/ : /^(?:text|application)\/javascript/,
  );
  const content = await response.text();
  expect(createHash('sha256').update(content).digest('hex').slice(0, 12)).toBe(hash);
  for (const [, from] of content.matchAll(/^import .*'([^']+)';$/gm)) {
    expect((await open(String(from))).status).toBe(200);
  }
});

test('a file of another version is not found, and that is not kept', async () => {
  const response = await open('/assets/htmx.000000000000.js');
  expect(response.status).toBe(404);
  expect(response.headers.get('cache-control')).toBeNull();
});

test.each(['nothing.js', '__proto__', '../page.ts', 'htmx'])('there is no asset %j', (name) => {
  expect(() => assetPath(name)).toThrow('no asset');
});
