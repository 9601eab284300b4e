import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Work of one check: 32 MiB and about 0.2 s; one of the settings that the OWASP password storage cheat sheet names. */
const WORK = { ln: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes of a users file that ask for more are refused: each login would take this memory. */
const MAX_WORK = { ln: 18, r: 16, p: 16 } as const;
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{16,86})\$([\w+/]{22,86})$/;

/** A password as it is kept: never itself, but what checks it. */
export interface PasswordHash {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** @param text as `formatPasswordHash` writes it; undefined when it is something else, or asks for too much work. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, ln, r, p, salt, hash] = FORMAT.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const parsed = {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
  const isAllowed = (['ln', 'r', 'p'] as const).every(
    (name) => parsed[name] >= 1 && parsed[name] <= MAX_WORK[name],
  );
  return isAllowed ? parsed : undefined;
}

/** The PHC form: `$scrypt$ln=15,r=8,p=3$SALT$HASH`, both in base64 without padding. */
export function formatPasswordHash({ ln, r, p, salt, hash }: PasswordHash): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${String(ln)},r=${String(r)},p=${String(p)}$${base64(salt)}$${base64(hash)}`;
}

/** Takes about 0.2 s, in a thread. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  return { ...WORK, salt, hash: await derive(password, { ...WORK, salt }, HASH_BYTES) };
}

/** Compares in constant time. Takes about 0.2 s, in a thread. */
export async function matchesPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, expected, expected.hash.length), expected.hash);
}

async function derive(
  password: string,
  { ln, r, p, salt }: Omit<PasswordHash, 'hash'>,
  bytes: number,
): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * (N + p) * r + 1024 * 1024 };
  return await new Promise((resolve, reject) => {
    // The same text in two forms of Unicode is the same password.
    scrypt(password.normalize('NFC'), salt, bytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
