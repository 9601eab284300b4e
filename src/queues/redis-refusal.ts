import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../config/config.ts';
import { parseRedisUrl } from '../config/redis-url.ts';

/** An answer that refuses whoever connects, whatever the command: Redis's own names of its errors. */
const REFUSAL = /\b(?:NOAUTH|WRONGPASS|NOPERM|DENIED)\b[^\r\n.]{0,200}\.?|\bmax number of clients reached\b/;
/** How OpenSSL and Node name what is wrong with a certificate or with TLS itself. */
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const TLS_MESSAGE =
  /\b(?:self-signed certificate|certificate has expired|unable to (?:verify|get)[a-z ]{0,60}certificate|does not match certificate's altnames|wrong version number|certificate required)\b/;
/** A server that refuses every connection (protected mode, too many clients) says so at once, and closes it. */
const FIRST_WORDS_MS = 2_000;
const MAX_FIRST_BYTES = 1_024;
const MAX_CAUSES = 5;

/**
 * Why Redis refuses this program: what it answered, what is wrong with TLS, or what a server says to anybody who connects,
 * which ioredis does not report.
 * @param thrown what a command failed with, and why the connection is not there
 * @returns the first sentence, without secrets; undefined when none refuses, or none answers
 */
export async function redisRefusal(
  { url, tls }: Pick<Config['redis'], 'url' | 'tls'>,
  thrown: readonly unknown[],
): Promise<string | undefined> {
  const errors = thrown.flatMap(withCauses);
  const answered = errors.map(({ message }) => REFUSAL.exec(message)?.[0]).find((text) => text !== undefined);
  if (answered !== undefined) return answered;
  const ofTls = errors.find(
    (error) => TLS_CODE.test((error as NodeJS.ErrnoException).code ?? '') || TLS_MESSAGE.test(error.message),
  );
  if (ofTls !== undefined) return `TLS fails: ${ofTls.message.split(/[\r\n]/, 1)[0] ?? ''}`;
  const { addresses, useTls } = parseRedisUrl(url);
  const said = await Promise.all(
    addresses.map((address) => firstWords(useTls ? connectTls({ ...tls, ...address }) : connectTcp(address))),
  );
  return said.map((text) => REFUSAL.exec(text)?.[0]).find((text) => text !== undefined);
}

/** An error and what it stands for: a cluster that cannot be reached has the error of its last node. */
function withCauses(thrown: unknown): Error[] {
  const found: Error[] = [];
  for (let error = thrown; isError(error) && found.length < MAX_CAUSES;) {
    found.push(error);
    error = 'lastNodeError' in error ? error.lastNodeError : error.cause;
  }
  return found;
}

/** Also of errors that Node makes elsewhere, which are of another class within tests. */
function isError(value: unknown): value is Error {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

/** What a server says before it is asked; empty when it says nothing, or cannot be reached. */
async function firstWords(socket: Socket): Promise<string> {
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
