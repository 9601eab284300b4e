/**
 * How fast documents are collected: rows of GDELT by the real kind and the real engine, compared with csv-parse and
 * insertMany alone; feeds by the real kind, compared with its parser alone, with the longest block of the event loop and
 * the memory. Exits with 1 when reading a feed blocks the event loop for more than 200 ms or takes too much memory. The
 * rows need the servers of `npm start`, or MONGO_URL in the environment; `--only=feeds` needs nothing.
 *
 *   npm run bench -- collectors [--only=feeds|rows] [--rows=100000] [--json]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { measureEventRows } from './collectors/event-rows.ts';
import { measureFeeds } from './collectors/feeds.ts';

/** A worker whose event loop stands still for longer answers no health check and renews no lock in time. */
const MAX_BLOCK_MS = 200;
/** For feeds of up to 10 MB: their text, what is parsed of it, and the heap of a thread. */
const MAX_ADDED_MEGABYTES = 400;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    only: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const only = z.enum(['feeds', 'rows']).optional().parse(values.only);
const rowCount = z.coerce.number().int().positive().parse(values.rows);
const isJson = values.json === true;

const feeds = only === 'rows' ? [] : await measureFeeds();
const rows = only === 'feeds' ? undefined : await measureEventRows(rowCount);
const exceeding = feeds.filter(
  ({ longestBlockMs, addedMegabytes }) =>
    longestBlockMs > MAX_BLOCK_MS || addedMegabytes > MAX_ADDED_MEGABYTES,
);
if (isJson) {
  console.log(JSON.stringify({ feeds, ...rows }));
} else {
  for (const feed of feeds) {
    console.log(`${feed.name}, ${feed.megabytesPerFeed.toFixed(2)} MB each`);
    const line = (label: string, perSecond: number, megabytes: number) => {
      console.log(
        `  ${label.padEnd(42)} ${perSecond.toFixed(1).padStart(8)} feeds/s ${megabytes.toFixed(1).padStart(8)} MB/s`,
      );
    };
    line('floor: the parser alone', feed.parserAloneFeedsPerSecond, feed.parserAloneMegabytesPerSecond);
    line('read: requested, parsed, with fingerprints', feed.feedsPerSecond, feed.megabytesPerSecond);
    console.log(
      `  longest block of the event loop ${feed.longestBlockMs.toFixed(0)} ms; memory: at most ` +
        `${String(feed.addedMegabytes)} MB more, ${String(feed.keptMegabytes)} MB kept`,
    );
  }
  if (rows !== undefined) {
    const { csvParse, insertMany, read, collectNew, collectKnown } = rows.rowsPerSecond;
    const line = (label: string, value: number) => {
      console.log(`  ${label.padEnd(42)} ${value.toFixed(0).padStart(8)} rows/s`);
    };
    console.log(`${String(rows.rows)} rows of events`);
    line('floor: csv-parse alone', csvParse);
    line('floor: insertMany alone', insertMany);
    line('read: checked, parsed, with fingerprints', read);
    line('collect: all new', collectNew);
    line('collect: all known', collectKnown);
    const floors = 1 / (1 / csvParse + 1 / insertMany);
    console.log(
      `  reading: ${(read / csvParse).toFixed(2)} of csv-parse alone; collecting new rows: ${(collectNew / csvParse).toFixed(2)} of csv-parse alone, ` +
        `${(collectNew / insertMany).toFixed(2)} of insertMany alone, ${(collectNew / floors).toFixed(2)} of both one after the other`,
    );
    console.log(
      `  memory in use after garbage collection, while new rows were collected: ${rows.megabytes.join(', ')} MB`,
    );
  }
}
for (const { name } of exceeding) {
  console.error(`${name}: more than ${String(MAX_BLOCK_MS)} ms, or ${String(MAX_ADDED_MEGABYTES)} MB.`);
}
process.exit(exceeding.length === 0 ? 0 : 1);
