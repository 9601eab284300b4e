/**
 * A TCP proxy in a process of its own, in front of one server: holds all bytes for half of a round-trip time in each
 * direction, and counts requests and bytes. Started by `startProxy`.
 *
 *   node bench/mirror/proxy-process.ts HOST PORT RTT_MS
 */
import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { listenOnFreePort } from '../../test/support/free-listener.ts';

const [host = '', port = '', rttMs = '0'] = process.argv.slice(2);
const delayMs = Number(rttMs) / 2;
/** More than this on its way in one direction of a connection waits at the sender. */
const WINDOW_BYTES = 16 * 1024 ** 2;
const counts = { requests: 0, upBytes: 0, downBytes: 0 };

function forward(from: Socket, to: Socket, onChunk: (chunk: Buffer) => void): void {
  let onTheWay = 0;
  from.on('data', (chunk: Buffer) => {
    onChunk(chunk);
    if (delayMs === 0) {
      if (!to.write(chunk)) from.pause();
      return;
    }
    onTheWay += chunk.byteLength;
    if (onTheWay > WINDOW_BYTES) from.pause();
    // Timers of the same delay fire in their order.
    setTimeout(() => {
      onTheWay -= chunk.byteLength;
      if (to.write(chunk) && onTheWay <= WINDOW_BYTES) from.resume();
    }, delayMs);
  });
  to.on('drain', () => from.resume());
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), delayMs + 1000));
}

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host, port: Number(port), noDelay: true });
  // Without pipelining, an answer begins with the first bytes down after bytes up; `100 Continue` is none.
  let isAwaited = false;
  forward(client, upstream, (chunk) => {
    counts.upBytes += chunk.byteLength;
    isAwaited = true;
  });
  forward(upstream, client, (chunk) => {
    counts.downBytes += chunk.byteLength;
    if (!isAwaited) return;
    isAwaited = false;
    if (!chunk.subarray(0, 12).toString('latin1').endsWith(' 100')) counts.requests += 1;
  });
});
process.on('message', () => {
  process.send?.(counts);
  Object.assign(counts, { requests: 0, upBytes: 0, downBytes: 0 });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: await listenOnFreePort(server) });
