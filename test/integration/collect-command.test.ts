import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startProgram } from '../support/program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const LONG_MS = 120_000;
const FEED = `<rss version="2.0"><channel><title>Feed</title><link>https://example.org</link>
<item><guid>1</guid><title>One</title><link>https://example.org/1</link></item>
<item><guid>2</guid><title>Two</title><link>https://example.org/2</link></item></channel></rss>`;

let environment: TestEnvironment;
let server: Server;

beforeEach(async () => {
  environment = await openTestEnvironment({
    COLLECT_ALLOW_PRIVATE_ADDRESSES: 'true',
    COLLECT_RETRY_ROUNDS: '0',
  });
  server = createServer((request, response) => {
    const isFeed = request.url === '/feed';
    response.writeHead(isFeed ? 200 : 404, { 'content-type': 'application/rss+xml' }).end(isFeed ? FEED : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${String(port)}`;
  const source = (id: string, path: string) =>
    `  - { id: ${id}, kind: rss, settings: { feeds: [{ name: feed, url: '${base}${path}' }] } }\n`;
  const weather = `  - { id: weather, kind: openweathermap, settings: { locations: [{ id: paris, name: Paris, latitude: 48.9, longitude: 2.4 }] } }\n`;
  await writeFile(
    environment.config.collect.sourcesFile,
    `sources:\n${source('news', '/feed')}${source('gone', '/none')}${weather}`,
  );
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await environment.close();
});

const collect = (...args: string[]) => run('collect', args);

async function run(command: 'collect' | 'health', args: readonly string[]) {
  const variables = { ...environment.variables, OWM_API_KEY: '' };
  const program = startProgram(command, args, { variables, directory: environment.directory });
  const exit = await program.ended;
  return { exit, stdout: program.stdout(), stderr: program.stderr() };
}

test(
  'collect --once collects without a worker; a second time nothing is new; failures and unknown sources have their exit codes',
  async () => {
    const first = await collect('news', '--once', '--json');
    expect(first).toMatchObject({ exit: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      runs: [{ source: 'news', status: 'success', trigger: 'manual', counts: { seen: 2, new: 2 } }],
    });
    const second = await collect('--all', '--once', '--json');
    expect(second.exit).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({
      runs: [
        { source: 'news', status: 'success', counts: { new: 0 } },
        { source: 'gone', status: 'failed', error: { class: 'source_missing' } },
      ],
      disabled: [{ source: 'weather', reason: 'missing OWM_API_KEY' }],
    });
    const list = await collect('--list');
    expect(list.stdout).toMatch(/^weather .*disabled: missing OWM_API_KEY$/m);
    expect(list.stdout).toMatch(/^gone .*failed +enabled$/m);
    // One source never succeeded; without it the health is good.
    expect(await run('health', [])).toMatchObject({ exit: 3, stdout: expect.stringMatching(/gone/) });
    const { sourcesFile } = environment.config.collect;
    const all = await readFile(sourcesFile, 'utf8');
    await writeFile(sourcesFile, all.replace(/^.*id: gone,.*\n/m, ''));
    expect(await run('health', [])).toMatchObject({ exit: 0 });
    await writeFile(sourcesFile, all);
    expect(await collect('nosuch')).toMatchObject({ exit: 2 });
    expect(await collect('weather')).toMatchObject({ exit: 2 });
    expect(await collect()).toMatchObject({ exit: 2 });
  },
  LONG_MS,
);
