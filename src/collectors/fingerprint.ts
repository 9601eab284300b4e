import { hash } from 'node:crypto';
import type { DocumentIdentity } from './collector.ts';

/** Part of every hash; changes when fingerprints are computed in another way, so that old and new ones never match. */
const VERSION = 'v1';

/**
 * The fingerprint of a document: SHA-256 in hexadecimal over version, kind and the canonical JSON of its identity.
 * Independent of the order of the names and of the Unicode form of the texts.
 * @throws RangeError for a number that JSON cannot represent.
 */
export function fingerprintOf(kind: string, identity: DocumentIdentity): string {
  return hash('sha256', `${VERSION}\n${kind}\n${canonicalJson(identity)}`);
}

/** JSON with its names sorted by UTF-16 code units, without spaces, all texts in Unicode NFC. */
export function canonicalJson(identity: DocumentIdentity): string {
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
