import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { readTable } from '../../src/collectors/kinds/kaggle/read-table.ts';
import { settingsSchema } from '../../src/collectors/kinds/kaggle/settings.ts';
import { rss } from '../../src/collectors/kinds/rss.ts';
import { web } from '../../src/collectors/kinds/web.ts';
import { toError } from '../../src/domain/job-errors.ts';
import { collectOnce } from './collecting.ts';
import { watchLoop } from './loop-watch.ts';
import { feed, html, item, SLOW_INPUTS, type SlowInput } from './slow-inputs.ts';

/** What came of one input. */
export interface SlowInputOutcome {
  readonly name: string;
  /** The longest time that the event loop was blocked. */
  readonly blockedMs: number;
  readonly totalMs: number;
  readonly parts: Readonly<Record<string, string>>;
  readonly titles: readonly (string | undefined)[];
  readonly error: string | undefined;
}

type Run = Pick<SlowInputOutcome, 'parts' | 'titles' | 'error'>;

const FIELDS = { title: 'h1', text: '.text', date: 'time' };
const ORDINARY_FEED = feed(item(''));
const ORDINARY_PAGE = html('<article><a href="/1">A</a><h1>A</h1><div class="text">Text</div></article>');
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads all inputs of one kind, one after the other, and prints an outcome as a line of JSON for each. A process of its own,
 * as the runtime of Jest is slower and has other work on its event loop.
 */
const kind = process.argv[2] as keyof typeof SLOW_INPUTS;
const bodies = new Map<string, string | Buffer>();
const server = createServer((request, response) => {
  const body = bodies.get(request.url ?? '');
  if (body === undefined) response.writeHead(404).end();
  else response.end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const bound = server.address();
const address = `http://127.0.0.1:${String(typeof bound === 'object' ? bound?.port : '')}`;

async function read([name, makeBody]: SlowInput): Promise<SlowInputOutcome> {
  const body = makeBody();
  await new Promise(setImmediate);
  const begin = performance.now();
  const stop = watchLoop();
  const run = await runs[kind](body);
  return { name, blockedMs: stop(), totalMs: performance.now() - begin, ...run };
}

const runs: Readonly<Record<typeof kind, (body: string | Buffer) => Promise<Run>>> = {
  feeds: async (body) => {
    bodies.set('/slow', body).set('/ordinary', ORDINARY_FEED);
    const feeds = ['slow', 'ordinary'].map((name) => ({ name, url: `${address}/${name}` }));
    return summary(await collectOnce({ kind: rss, access: {}, settings: { feeds } }));
  },
  pages: async (body) => {
    bodies
      .set('/slow', body)
      .set('/ordinary', ORDINARY_PAGE)
      .set('/links', html('<h2><a href="/slow">S</a></h2>'));
    const sites = [
      { name: 'slow', url: `${address}/links`, take: 'linked-pages', link: 'h2 a' },
      { name: 'ordinary', url: `${address}/ordinary`, take: 'list-items', item: 'article', fields: FIELDS },
    ];
    return summary(await collectOnce({ kind: web, access: {}, settings: { delaySeconds: 0, sites } }));
  },
  robots: async (body) => {
    const path = `/${'a'.repeat(2000)}`;
    bodies.set('/robots.txt', body).set(path, ORDINARY_PAGE);
    const sites = [
      { name: 'site', url: `${address}${path}`, take: 'list-items', item: 'article', fields: FIELDS },
    ];
    return summary(await collectOnce({ kind: web, access: {}, settings: { delaySeconds: 0, sites } }));
  },
  tables: async (body) => {
    const [dataset] = settingsSchema.parse({ datasets: ['a/b'] }).datasets;
    if (dataset === undefined) throw new Error('There is no dataset.');
    const bytes = Buffer.from(body);
    const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) =>
      bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    );
    const content = Readable.from(chunks) as AsyncIterable<Buffer>;
    const origin = { dataset, file: 't.csv', version: 1, licence: undefined, dateOrder: undefined };
    for await (const _batch of readTable({ type: 'file', name: 't.csv', content }, origin)) {
      // The engine stores each batch, and other work goes on meanwhile.
      await new Promise(setImmediate);
    }
    return { parts: {}, titles: [], error: undefined };
  },
};

function summary({ parts, documents, error }: Awaited<ReturnType<typeof collectOnce>>): Run {
  return {
    parts: Object.fromEntries(parts.map(({ name, status }) => [name, status])),
    titles: documents.map(({ title }) => title),
    error: error === undefined ? undefined : toError(error).message,
  };
}

// Everything is loaded, compiled and started with the first run.
await read(['', () => (kind === 'tables' ? 'a,b\n1,2\n' : '')]);
for (const input of SLOW_INPUTS[kind]) {
  const outcome = await read(input);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
server.close();
