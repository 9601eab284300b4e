import { createHash } from 'node:crypto';
import type { Identity } from './collector.ts';

/** Changes when fingerprints are made in another way, so that old and new ones cannot meet. */
const VERSION = 'v1';

/**
 * The fingerprint of a document: SHA-256 in hexadecimal over version, kind and the canonical JSON of what identifies
 * it. Two documents of one kind are the same when their identities are, whatever the order of the names and
 * whichever way Unicode composes the letters.
 * @throws RangeError for a number that JSON does not know.
 */
export function fingerprintOf(kind: string, identity: Identity): string {
  return createHash('sha256')
    .update(`${VERSION}\n${kind}\n${canonicalJson(identity)}`)
    .digest('hex');
}

/** JSON with the names in the order of their UTF-16 units, without spaces, all text in normal form C. */
export function canonicalJson(identity: Identity): string {
  const fields = Object.entries(identity).map(([name, value]) => ({
    name: name.normalize('NFC'),
    json: typeof value === 'object' ? `[${value.map(scalarJson).join(',')}]` : scalarJson(value),
  }));
  fields.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `{${fields.map(({ name, json }) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function scalarJson(value: string | number | null): string {
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`An identity may not contain the number ${String(value)}.`);
  }
  return JSON.stringify(value);
}
