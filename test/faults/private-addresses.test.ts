import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runEnqueue } from '../support/enqueue-process.ts';
import { listenOnFreePort } from '../support/free-listener.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const LIST = 'PLsampleSampleSampleSample';

/** A server of the private network that must not be reached. */
let canary: Server;
let port: number;
const hits: string[] = [];
let environment: TestEnvironment;

beforeAll(async () => {
  canary = createServer((request, response) => {
    hits.push(request.url ?? '');
    response.end('{}');
  });
  canary.on('connection', () => hits.push('connection'));
  port = await listenOnFreePort(canary);
  environment = await openTestEnvironment();
});
afterAll(async () => {
  canary.close();
  await environment.close();
});

test('no line of a playlist file leads to an address of the private network', async () => {
  const at = (host: string) => `http://${host}:${String(port)}/playlist?list=${LIST}`;
  const lines = [
    ...[
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '127.1',
      '0',
      '0x7f000001',
      '2130706433',
    ].map(at),
    ...['0177.0.0.1', '127.0.0.1.nip.io', 'www.youtube.com.localhost', 'youtube.com@127.0.0.1'].map(at),
    `http://www.youtube.com@127.0.0.1:${String(port)}/watch?v=sample00001`,
    `http://127.0.0.1:${String(port)}\\@www.youtube.com/watch?v=sample00001`,
    `http://127.0.0.1:${String(port)}#@www.youtube.com/watch?v=sample00001`,
    `https://www.youtube.com:${String(port)}/watch?v=sample00001`,
    `//127.0.0.1:${String(port)}/watch?v=sample00001`,
    `127.0.0.1:${String(port)}/watch?v=sample00001`,
    'http://169.254.169.254/latest/meta-data/',
    // These are valid except for the host.
    'http://169.254.169.254/watch?v=sample00001',
    `http://127.0.0.1/playlist?list=${LIST}`,
    'https://www.youtube.com.localhost/watch?v=sample00001',
    'file:///etc/passwd',
    'redis://127.0.0.1:6379/',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    `ftp://127.0.0.1:${String(port)}/x`,
    'data:text/plain,PLsample',
    `javascript:fetch("http://127.0.0.1:${String(port)}")`,
  ];
  const outcome = await runEnqueue(['-'], { ...environment, input: `${lines.join('\n')}\n` });
  expect(outcome.exitCode).toBe(1);
  const refused = lines.map((_line, index) => outcome.stderr.includes(`:${String(index + 1)}: `));
  expect(refused).toEqual(lines.map(() => true));
  expect(hits).toEqual([]);
  expect(await environment.database.playlists.all()).toEqual([]);
  expect((await environment.queues.jobs.counts('download')).waiting).toBe(0);
});

test('an address of the site that names another one is rebuilt from the id alone', async () => {
  const line = `https://www.youtube.com/watch?v=sample00001&url=http://127.0.0.1:${String(port)}/&next=//127.0.0.1:${String(port)}`;
  const outcome = await runEnqueue(['-'], { ...environment, input: `${line}\n` });
  expect(outcome.exitCode).toBe(0);
  const video = await environment.database.videos.find({ provider: 'youtube', videoId: 'sample00001' });
  expect(video?.url).toBe('https://www.youtube.com/watch?v=sample00001');
  expect(hits).toEqual([]);
});
