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
    `  - { id: ${id}, label: The ${id}, kind: rss, settings: { feeds: [{ name: feed, url: '${base}${path}' }] } }\n`;
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

async function run(
  command: 'collect' | 'health',
  args: readonly string[],
  changes: Readonly<Record<string, string>> = {},
) {
  const variables = { ...environment.variables, OWM_API_KEY: '', ...changes };
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
    expect(first.stderr).toMatch(/^The news +0 +2 +\+2$/m);
    const versionLog = await readFile(environment.config.versionLogFile, 'utf8');
    expect(versionLog.match(/`COLLECTE_JOURNALIERE_(?:INIT|FIN)` \| .*$/gm)).toEqual([
      '`COLLECTE_JOURNALIERE_INIT` | Démarrage script collecte quotidienne (news)',
      '`COLLECTE_JOURNALIERE_FIN` | +2 nouveaux documents en 24h',
    ]);
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

test(
  'collect --all with a version log that cannot be written says so, collects, and exits as usual; in French if wanted',
  async () => {
    // A directory, so that no file can be written there.
    const changes = { VERSION_LOG_FILE: environment.directory, UI_LANGUAGE: 'fr' };
    const { exit, stdout, stderr } = await run('collect', ['--all', '--once', '--json'], changes);
    expect(stderr.match(/The version log .* cannot be written\./g)).toHaveLength(2);
    expect(stderr).toContain('2 nouveaux documents au cours des dernières 24 heures');
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [
        { source: 'news', status: 'success', counts: { new: 2 } },
        { source: 'gone', status: 'failed' },
      ],
      totals: { before: 0, after: 2, newInDay: 2 },
    });
    // Because of the source that is gone.
    expect(exit).toBe(1);
    const health = await run('health', [], changes);
    expect(health.stdout).toMatch(
      /^SOURCE +documents +état.*\nThe gone +0 +jamais collectée.*\nThe news +2 +OK /,
    );
  },
  LONG_MS,
);
