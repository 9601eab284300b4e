import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Recognised by people, and by programs that look for secrets in files. */
const PREFIX = 'sonotheque_';
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const FORMAT = /^sonotheque_([0-9a-f]{12})_[\w-]{43}$/;

/** A new token, and what is kept of it. */
export interface NewToken {
  readonly token: string;
  readonly tokenId: string;
  readonly hash: string;
}

/** Makes a token with 256 random bits: `sonotheque_`, the part by which it is found, and the secret. */
export function newToken(): NewToken {
  const tokenId = randomBytes(ID_BYTES).toString('hex');
  const token = `${PREFIX}${tokenId}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, tokenId, hash: hashOf(token).toString('base64url') };
}

/** The part by which a token is found; undefined for a text that is no token. */
export function tokenIdOf(token: string): string | undefined {
  return FORMAT.exec(token)?.[1];
}

/** Compares in constant time. @param hash as `newToken` made it */
export function matchesToken(token: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'base64url');
  const actual = hashOf(token);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/**
 * SHA-256 and not scrypt: a slow hash protects secrets that can be guessed. This one is 256 random bits, which nobody finds by
 * trying, and it is checked with each request.
 */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
