import { setImmediate } from 'node:timers/promises';
import { Parser } from 'htmlparser2';
import { feedXml, type RssItem } from '../../local/upstreams/rss-xml.ts';
import { startUpstreams } from '../../local/upstreams/upstream.ts';
import type { ConfiguredSource } from '../../src/collectors/configured-source.ts';
import { storedDocument } from '../../src/collectors/engine/stored-document.ts';
import { rss } from '../../src/collectors/kinds/rss.ts';
import { createHttpClient } from '../../src/runtime/http-client/create-http-client.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { bestSeconds, measure } from '../support/measure.ts';
import { watchProcess } from '../support/watch-process.ts';

/** Feeds of one size, each under an address of its own. */
interface FeedCase {
  readonly name: string;
  readonly feeds: number;
  readonly itemsPerFeed: number;
  /** About so much text in each item. */
  readonly charactersPerItem: number;
}

const MEGABYTE = 1024 ** 2;
/** Other programs on the machine can only make a round slower: of each figure of time the best is taken. */
const ROUNDS = 3;
/** The engine writes to the database after so many documents, and the event loop turns meanwhile. */
const BATCH_SIZE = 500;
const PARAGRAPH =
  '<p>Le fleuve est haut &amp; les marchés ouvrent tôt ; on y vend du <b>maïs</b>, du mil et du riz.</p> ';

const CASES: readonly FeedCase[] = [
  { name: '100 feeds of 30 items', feeds: 100, itemsPerFeed: 30, charactersPerItem: 1_000 },
  { name: 'a feed of 2,000 items', feeds: 5, itemsPerFeed: 2_000, charactersPerItem: 600 },
  { name: 'a feed of 2,000 items and 10 MB', feeds: 5, itemsPerFeed: 2_000, charactersPerItem: 5_100 },
];

/**
 * Reads feeds with the real kind (request, decoding, parsing, texts, documents with their fingerprints; without a database),
 * and for comparison with the parser alone that the kind is built on.
 */
export async function measureFeeds() {
  const figures = [];
  for (const feedCase of CASES) figures.push(await measureCase(feedCase));
  return figures;
}

async function measureCase(feedCase: FeedCase) {
  const { name, feeds } = feedCase;
  const bodies = Array.from({ length: feeds }, (_feed, index) => Buffer.from(generatedFeed(index, feedCase)));
  const bytes = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const aloneSeconds = await bestSeconds(ROUNDS, () => {
    for (const body of bodies) parseAlone(body.toString());
  });
  const server = await startUpstreams([
    {
      name: 'rss',
      handle: (_request, response, path) => {
        response.writeHead(200, { 'content-type': 'application/rss+xml; charset=utf-8' });
        response.end(bodies[Number(path.pathname.slice(1))]);
      },
    },
  ]);
  const urls = bodies.map((_body, index) => `${server.addressOf('rss')}/${String(index)}`);
  try {
    // The first reading starts what is kept for the others (threads, compiled code).
    await readFeeds(urls.slice(0, 1), feedCase);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const watch = watchProcess();
      const { result: documents, seconds } = await measure(() => readFeeds(urls, feedCase));
      rounds.push({ seconds, ...(await watch.end()) });
      const expected = feeds * feedCase.itemsPerFeed;
      if (documents !== expected) {
        throw new Error(`${name}: ${String(documents)} documents, not ${String(expected)}.`);
      }
    }
    const seconds = Math.min(...rounds.map((round) => round.seconds));
    return {
      name,
      megabytesPerFeed: bytes / feeds / MEGABYTE,
      feedsPerSecond: feeds / seconds,
      megabytesPerSecond: bytes / MEGABYTE / seconds,
      parserAloneFeedsPerSecond: feeds / aloneSeconds,
      parserAloneMegabytesPerSecond: bytes / MEGABYTE / aloneSeconds,
      longestBlockMs: Math.min(...rounds.map((round) => round.longestBlockMs)),
      addedMegabytes: Math.max(...rounds.map((round) => round.addedMegabytes)),
      keptMegabytes: rounds.at(-1)?.keptMegabytes ?? 0,
    };
  } finally {
    await server.close();
  }
}

/** Reads feeds as one source. @returns the number of documents. */
async function readFeeds(urls: readonly string[], { itemsPerFeed }: FeedCase): Promise<number> {
  const { config } = createBenchConfig();
  const http = createHttpClient({ userAgent: 'bench', timeoutMs: 60_000, allowPrivateAddresses: true });
  const settings = {
    feeds: urls.map((url, index) => ({ name: `feed ${String(index)}`, url })),
    maxItemsPerFeed: itemsPerFeed,
    maxFeedBytes: 16 * MEGABYTE,
  };
  const source: ConfiguredSource = {
    ...{ id: 'feeds', kind: 'rss', label: 'Feeds', enabled: true, schedule: rss.defaults.schedule },
    ...{ freshness: { warnAfterMs: 1, errorAfterMs: 1 }, requiredFields: [], requests: {}, settings },
  };
  let documents = 0;
  try {
    const items = rss.collect({
      ...{ settings, state: undefined, access: config.collect.access, http },
      ...{ logger: createSilentLogger(), signal: new AbortController().signal, now: () => new Date() },
    });
    for await (const item of items) {
      if (item.type === 'part' && item.status !== 'success') throw new Error(item.note ?? item.name);
      if (item.type !== 'document') continue;
      if ('document' in storedDocument(item, { source, runId: 'bench', now: new Date() })) documents += 1;
      if (documents % BATCH_SIZE === 0) await setImmediate();
    }
  } finally {
    await http.close();
  }
  return documents;
}

/** Reads every tag and text, and keeps nothing. */
function parseAlone(xml: string): void {
  let elements = 0;
  const parser = new Parser(
    {
      onopentag: () => {
        elements += 1;
      },
      ontext: () => undefined,
    },
    { xmlMode: true },
  );
  parser.end(xml);
  if (elements === 0) throw new Error('Nothing was parsed.');
}

function generatedFeed(feed: number, { itemsPerFeed, charactersPerItem }: FeedCase): string {
  const text = PARAGRAPH.repeat(Math.ceil(charactersPerItem / PARAGRAPH.length));
  const items = Array.from({ length: itemsPerFeed }, (_item, index): RssItem => {
    const id = `${String(feed)}-${String(index)}`;
    return {
      guid: `article-${id}`,
      title: `Article ${id} : l'été & la pluie`,
      link: `https://news.example/${id}?utm_source=rss`,
      description: `${id} ${text}`,
      pubDate: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toUTCString(),
    };
  });
  return feedXml({ title: `Feed ${String(feed)}`, link: 'https://news.example/', items }, 'UTF-8');
}
