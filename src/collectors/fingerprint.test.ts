import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DocumentIdentity } from './collector.ts';
import { canonicalJson, fingerprintOf } from './fingerprint.ts';

const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const value = fc.oneof(scalar, fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 4 }));
const identities: fc.Arbitrary<DocumentIdentity> = fc.dictionary(fc.string(), value, { maxKeys: 6 });

describe('the fingerprint', () => {
  test.each<[string, DocumentIdentity, string]>([
    ['names are sorted', { b: 1, a: 'x' }, '{"a":"x","b":1}'],
    ['lists keep their order', { row: ['b', null, 1.5, 'a'] }, '{"row":["b",null,1.5,"a"]}'],
    ['text and names are composed', { 'e\u0301': 'e\u0301' }, '{"\u00e9":"\u00e9"}'],
    ['what JSON escapes stays distinct', { a: '"\n\ud800' }, '{"a":"\\"\\n\\ud800"}'],
    ['a number is no text', { a: 1, b: '1' }, '{"a":1,"b":"1"}'],
    ['zero has no sign', { a: -0 }, '{"a":0}'],
    ['nothing', {}, '{}'],
  ])('canonical JSON: %s', (_name, identity, expected) => {
    expect(canonicalJson(identity)).toBe(expected);
  });

  // Stored documents are found by it: other values here mean that everything would be collected once more.
  test('is SHA-256 over version, kind and canonical JSON, and never changes', () => {
    const identity = { title: 'A title', url: 'https://example.org/' };
    const text = 'v1\nrss\n{"title":"A title","url":"https://example.org/"}';
    expect(fingerprintOf('rss', identity)).toBe(createHash('sha256').update(text).digest('hex'));
    expect(fingerprintOf('gdelt', { id: '1' })).toBe(
      '1333fca713bcfed411488a0cbca437e6a2317a7e95394c4cb3462255b5972664',
    );
  });

  test('knows kinds apart', () => {
    expect(fingerprintOf('rss', { a: 1 })).not.toBe(fingerprintOf('web', { a: 1 }));
  });

  test.each([NaN, Infinity, -Infinity])('refuses the number %p', (number) => {
    expect(() => fingerprintOf('rss', { a: number })).toThrow(RangeError);
    expect(() => fingerprintOf('rss', { a: ['b', number] })).toThrow(RangeError);
  });

  test('does not depend on the order of the names', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        const turned = Object.fromEntries(Object.entries(identity).toReversed());
        expect(fingerprintOf('rss', turned)).toBe(fingerprintOf('rss', identity));
      }),
    );
  });

  test('differs where identities differ, and only there', () => {
    fc.assert(
      fc.property(identities, identities, (one, other) => {
        const areSame = canonicalJson(one) === canonicalJson(other);
        expect(fingerprintOf('rss', one) === fingerprintOf('rss', other)).toBe(areSame);
        expect(canonicalJson(JSON.parse(canonicalJson(one)) as DocumentIdentity)).toBe(canonicalJson(one));
      }),
    );
  });

  test('differs when any one value does', () => {
    fc.assert(
      fc.property(identities, fc.string(), scalar, scalar, (identity, name, one, other) => {
        const composed = (each: string | number) =>
          typeof each === 'string' ? each.normalize('NFC') : each + 0;
        fc.pre(composed(one) !== composed(other));
        const [a, b] = [one, other].map((each) => fingerprintOf('rss', { ...identity, [name]: each }));
        expect(a).not.toBe(b);
      }),
    );
  });
});
