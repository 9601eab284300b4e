import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseEnv } from 'node:util';
import { parse } from 'shell-quote';
import { z } from 'zod';
import { withoutEnd } from '../../text/without-end.ts';
import { parseEgressEntries } from '../egress-entries.ts';
import { parseByteRate } from '../../text/byte-rate.ts';

/** A URL with one of these protocols, such as `https:`. */
export const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `is not a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

export const webUrl = url('http:', 'https:');

/** `https://host[:port][/path]`, without a slash at the end. */
export const publicUrl = webUrl.transform((given, context) => {
  const { origin, pathname, search, hash, username, password } = new URL(given);
  const hasMore = search !== '' || hash !== '' || username !== '' || password !== '' || /[?#]/.test(given);
  if (!hasMore) return `${origin}${withoutEnd(pathname, '/')}`;
  context.addIssue({
    code: 'custom',
    message: 'has more than a scheme, a host, a port and a path, as in https://archive.example.org/audio',
  });
  return z.NEVER;
});

const positiveNumber = (fallback: number) => z.coerce.number().positive().default(fallback);
export const seconds = positiveNumber;
export const days = positiveNumber;

export const count = (fallback: number, least = 1) => z.coerce.number().int().min(least).default(fallback);

export const port = z.coerce.number().int().min(0).max(65_535);

export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0', 'yes', 'no'])
    .transform((text) => ['true', '1', 'yes'].includes(text))
    .default(fallback);

/** S3 bucket and Azure container names: 3–63 of a–z, 0–9 and hyphens, no hyphen at the ends or doubled. */
export const bucketName = (fallback: string) =>
  z
    .string()
    .regex(
      /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
      'is not a bucket name (3–63 of a–z, 0–9 and single hyphens)',
    )
    .default(fallback);

/** A text that `read` makes a value of; what `read` throws becomes the problem. */
const text = <T>(read: (text: string) => T) =>
  z.string().transform((given, context) => {
    try {
      return read(given);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

export const byteRate = text(parseByteRate);

/** `bucket=container`, separated by commas. */
export const storePairs = text((given) => {
  const isName = (name: string | undefined): name is string =>
    name !== undefined && bucketName('').safeParse(name).success;
  const pairs = given.split(',').map((entry) => {
    const [bucket, container, ...more] = entry.split('=').map((part) => part.trim());
    if (!isName(bucket) || !isName(container) || more.length > 0)
      throw new Error(`has ${JSON.stringify(entry.trim())}, which is not of the form bucket=container`);
    return { bucket, container };
  });
  if (new Set(pairs.map(({ bucket }) => bucket)).size < pairs.length) throw new Error('names a bucket twice');
  return pairs;
});

export const regularExpression = text((pattern) => {
  try {
    return new RegExp(pattern, 'iu');
  } catch (error) {
    throw new Error(`is not a regular expression (${(error as Error).message})`, { cause: error });
  }
});

export const date = text((given) => {
  const parsed = new Date(given);
  if (!/^\d{4}-\d{2}-\d{2}/.test(given) || Number.isNaN(parsed.getTime()))
    throw new Error('is not a date such as 2026-01-31');
  return parsed;
});

/** Arguments of a program, quoted as for a shell; operators and globs are refused because no shell reads them. */
export const shellWords = text((given) => {
  const words = parse(given, (name) => `$${name}`);
  const plain = words.filter((word) => typeof word === 'string');
  if (plain.length !== words.length)
    throw new Error('contains shell operators; put them in quotes, as no shell reads them');
  return plain;
});

export const egressEntries = z.string().transform((given, context) => {
  const { entries, problems } = parseEgressEntries(given);
  for (const message of problems) context.addIssue({ code: 'custom', message });
  return problems.length === 0 ? entries : z.NEVER;
});

/** Ranges that Express knows by name (`trust proxy`). */
const NAMED_RANGES: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

/** Addresses and CIDR ranges, separated by commas or spaces. */
export const addressRanges = text((given) => {
  const ranges = given.split(/[\s,]+/).filter((range) => range !== '');
  for (const range of ranges) {
    if (/\/0+$/.test(range)) throw new Error(`has ${range}, which trusts everybody`);
    const isAddress =
      isIP(range.split('/', 1)[0] ?? '') !== 0 && (!range.includes('/') || ipaddr.isValidCIDR(range));
    if (!NAMED_RANGES.includes(range) && !isAddress)
      throw new Error(
        `has ${range}, which is no address, no range such as 10.0.0.0/8, and none of ${NAMED_RANGES.join(', ')}`,
      );
  }
  return ranges;
});

/** Lines `NAME=value` in the form of an .env file; the names have capital letters, digits and underscores. */
export const namedSecrets = text((given) => {
  const secrets = Object.entries(parseEnv(given));
  if (secrets.length === 0) throw new Error('has no line NAME=value');
  for (const [name, value = ''] of secrets) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) throw new Error('has a name that is not of the form NEWS_TOKEN');
    if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value))
      throw new Error(`has a value of ${name} that is not printable ASCII`);
  }
  return Object.fromEntries(secrets.map(([name, value = '']) => [name, value]));
});
