import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GdeltUpstream } from '../../local/upstreams/gdelt.ts';
import { generatedEvent } from '../../local/upstreams/gdelt-events.ts';
import { KaggleUpstream } from '../../local/upstreams/kaggle.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { KINDS, kindOf } from '../../src/collectors/kinds.ts';
import { withRequestSettings, addressesIn } from '../../src/collectors/request-settings.ts';
import { parseSources } from '../../src/collectors/sources-file.ts';
import type { CollectorAccess } from '../../src/config/config.ts';
import type { CollectedItem, DocumentItem } from '../../src/collectors/collector.ts';
import { createHttpClient } from '../../src/runtime/http-client/create-http-client.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { SITE_COPIES } from '../support/site-copies.ts';

const SLOT = '20261121110000';
const NOW = new Date('2026-11-21T11:05:00Z');
const kaggle = new KaggleUpstream();
const gdelt = new GdeltUpstream();
let upstreams: readonly RunningUpstreams[];
let site: Server;
const received = new Map<string, IncomingHttpHeaders>();

beforeAll(async () => {
  kaggle.expectedAuthorization = `Basic ${Buffer.from('amina:key').toString('base64')}`;
  upstreams = [await startUpstreams([kaggle.api, gdelt]), await startUpstreams([kaggle.storage])];
  kaggle.storageAddress = upstreams[1]?.addressOf('kaggle-storage') ?? '';
  await kaggle.publish('owner/first-dataset', { files: { 'a.csv': 'a,b\n1,x\n2,y\n' } });
  await kaggle.publish('owner/reviews', { files: { 'r.csv': 'id,title,review,date\n1,T,R,2026-11-01\n' } });
  const events = [
    generatedEvent(1, SLOT, { event_root_code: '14', action_geo_country_code: 'BN' }),
    generatedEvent(2, SLOT, { event_root_code: '04', action_geo_country_code: 'BN' }),
  ];
  gdelt.publish(SLOT, events);
  site = createServer((request, response) => {
    const address = new URL(request.url ?? '', 'http://x').pathname.slice(1);
    received.set(address, request.headers);
    const copy = SITE_COPIES.get(address);
    response.writeHead(copy === undefined ? 404 : 200, { 'content-type': copy?.type ?? 'text/plain' });
    response.end(copy?.body);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
});

afterAll(async () => {
  site.close().closeAllConnections();
  await Promise.all(upstreams.map((each) => each.close()));
});

/** The examples of sources.yaml: the lines that are YAML behind their `# `. */
function exampleText(): string {
  const text = readFileSync(new URL('../../sources.yaml', import.meta.url), 'utf8');
  const [, examples = ''] = text.split('# Examples, one for each kind of site.');
  const lines = examples.split('\n').filter((line) => /^ {2}# (?:- | {2})/.test(line));
  return ['sources:', ...lines.map((line) => line.replace('# ', ''))].join('\n');
}

/** The documents of an example from the copies of its site, in the order in which they came. */
async function collect(id: string) {
  const address = `http://127.0.0.1:${String((site.address() as AddressInfo).port)}`;
  const access: CollectorAccess = {
    openWeatherMap: { url: address, key: undefined },
    kaggle: {
      url: upstreams[0]?.addressOf('kaggle') ?? '',
      credentials: { kind: 'basic', username: 'amina', key: 'key' },
    },
    gdelt: { url: upstreams[0]?.addressOf('gdelt') ?? '' },
  };
  const text = exampleText()
    .replaceAll('https://', `${address}/`)
    .replace('delaySeconds: 5', 'delaySeconds: 0');
  const options = { name: 'f', access, kinds: KINDS, sourceSecrets: { NEWS_TOKEN: 'abc' } };
  const source = parseSources(text, options).find((each) => each.id === id);
  const kind = kindOf(source?.kind ?? '');
  if (source === undefined || kind === undefined) throw new Error(`There is no example ${id}.`);
  const http = createHttpClient({
    userAgent: 'Sonotheque/test',
    timeoutMs: 20_000,
    allowPrivateAddresses: true,
  });
  const items: CollectedItem[] = [];
  try {
    const found = kind.collect({
      settings: source.settings,
      access,
      state: undefined,
      http: withRequestSettings(http, source.requests ?? {}, addressesIn(source.settings)),
      signal: new AbortController().signal,
      logger: createSilentLogger(),
      now: () => NOW,
    });
    for await (const item of found) items.push(item);
  } finally {
    await http.close();
  }
  const problems = items.filter(
    (item) => item.type === 'rejected' || (item.type === 'part' && item.status === 'failed'),
  );
  return {
    problems,
    media: items.filter(({ type }) => type === 'media').length,
    documents: items.filter((item) => item.type === 'document').map(describeDocument),
  };
}

function describeDocument({ title, text, publishedAt }: DocumentItem): string {
  return [title, text, publishedAt?.toISOString().slice(0, 10)].map((part) => part ?? '-').join(' | ');
}

test.each([
  [
    'news',
    [
      "L'actualité une 0 | Un résumé & rien d'autre. | 2026-11-21",
      "L'actualité une 1 | Un résumé & rien d'autre. | 2026-11-21",
      "L'actualité culture 0 | Un résumé & rien d'autre. | 2026-11-21",
    ],
  ],
  ['blog', [expect.stringMatching(/^Un billet \| Le début.* \| 2026-04-03$/)]],
  ['channel', ["La vidéo | Ce qu'on y voit. | 2026-11-20"]],
  ['releases', ['v1.2.0 | Fixed List<String> is kept. | 2026-11-19']],
  ['account', ['- | Bonjour à tous | 2026-11-19']],
  ['json-feed', ['Une note | Le texte. | 2026-11-18']],
  ['members-feed', ['Pour les membres | - | -']],
  ['newspaper', ['Le premier article | Tout le texte. | 2026-11-20']],
  ['city', ['Le marché rouvre | Le marché rouvre lundi. Venez nombreux. | 2026-04-03']],
  [
    'announcements',
    ["Un avis | Le texte de l'avis. | 2026-11-10", "Un autre | Le texte de l'avis. | 2026-11-11"],
  ],
  ['magazine', ['Un | Le texte Un. | 2026-11-17', 'Deux | Le texte Deux. | 2026-11-17']],
  ['datasets', ['- | - | -', '- | - | -', 'T | R | 2026-11-01']],
  ['protests', ['- | - | 2026-11-21']],
])('the example %s collects a site of its kind', async (id, documents) => {
  const outcome = await collect(id);
  expect(outcome.problems).toEqual([]);
  expect(outcome.documents.map((each) => each.replace(/\s+/g, ' '))).toEqual(documents);
});

test('the example of a podcast archives its episodes', async () => {
  expect(await collect('podcast')).toMatchObject({ media: 1, problems: [] });
});

test('the example with a token sends it and its own User-Agent', async () => {
  await collect('members-feed');
  expect(received.get('members.example.org/feed')).toMatchObject({
    authorization: 'Bearer abc',
    'accept-language': 'fr',
    'user-agent': "Amina's archive (+mailto:amina@example.org)",
  });
});

test('every example is tried here', () => {
  const ids = [...exampleText().matchAll(/- id: (\S+)/g)].map(([, id]) => id);
  expect(ids).toHaveLength(14);
});
