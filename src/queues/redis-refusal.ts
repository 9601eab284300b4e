import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Redis } from 'ioredis';

/** An answer that refuses whoever connects, whatever the command: Redis's own names of its errors. */
const REFUSAL = /\b(?:NOAUTH|WRONGPASS|NOPERM|DENIED)\b[^\r\n.]{0,200}\.?|\bmax number of clients reached\b/;
/** A server that refuses every connection (protected mode, too many clients) says so at once, and closes it. */
const FIRST_WORDS_MS = 2_000;
const MAX_FIRST_BYTES = 1_024;

type Address = Pick<Redis['options'], 'host' | 'port' | 'path' | 'tls'>;

/**
 * Why Redis refuses this program: what it answered, or what it says to anybody who connects, which ioredis does not report.
 * @param thrown what a command failed with
 * @returns its first sentence, without secrets; undefined when it does not refuse, or does not answer
 */
export async function redisRefusal(address: Address, thrown: unknown): Promise<string | undefined> {
  const answered = REFUSAL.exec(thrown instanceof Error ? thrown.message : '')?.[0];
  return answered ?? REFUSAL.exec(await firstWords(address))?.[0];
}

/** What a server says before it is asked; empty when it says nothing, or cannot be reached. */
async function firstWords({ host = '127.0.0.1', port = 6379, path, tls }: Address): Promise<string> {
  const socket =
    path === undefined
      ? tls === undefined
        ? connectTcp({ host, port })
        : connectTls({ ...tls, host, port })
      : connectTcp({ path });
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
    if (said.includes('\n') || said.length >= MAX_FIRST_BYTES) socket.destroy();
  });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(FIRST_WORDS_MS) });
  } catch {
    // It says nothing before it is asked, as it should.
  } finally {
    socket.destroy();
  }
  return said.slice(0, MAX_FIRST_BYTES);
}
