import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMetadata, encodeMetadata, S3_METADATA_LIMITS, portableMetadataKey } from './metadata.ts';
import { s3ObjectHeaders, s3ObjectInfo } from './object-info.ts';

const key = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/).filter((name) => name !== '__proto__');
const anyText = fc.string({ unit: 'binary', maxLength: 2000 });

describe('metadata', () => {
  test('is decoded as it was encoded, up to the cut', () => {
    fc.assert(
      fc.property(fc.dictionary(key, anyText, { maxKeys: 12 }), (metadata) => {
        const back = decodeMetadata(encodeMetadata(metadata));
        for (const [name, value] of Object.entries(metadata)) {
          expect(value.startsWith(back[name] ?? '')).toBe(true);
        }
      }),
    );
  });

  test('is not cut while it is small', () => {
    const small = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .map((text) => text.toWellFormed());
    fc.assert(
      fc.property(fc.dictionary(key, small, { maxKeys: 6 }), (metadata) => {
        expect(decodeMetadata(encodeMetadata(metadata))).toEqual({ ...metadata });
      }),
    );
  });

  test('fits into headers and limits, whatever it contains', () => {
    fc.assert(
      fc.property(fc.dictionary(key, anyText, { maxKeys: 30 }), (metadata) => {
        const encoded = encodeMetadata(metadata);
        let totalBytes = 0;
        for (const [name, value] of Object.entries(encoded)) {
          expect(value).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
          expect(value.length).toBeLessThanOrEqual(S3_METADATA_LIMITS.valueBytes);
          totalBytes += 'x-amz-meta-'.length + name.length + value.length;
        }
        expect(totalBytes).toBeLessThanOrEqual(S3_METADATA_LIMITS.totalBytes);
      }),
    );
  });

  test('may have the keys of any object', () => {
    const metadata = JSON.parse('{"constructor":"a","__proto__":"b"}') as Record<string, string>;
    const headers = s3ObjectHeaders('audio/mpeg', metadata);
    expect(Object.entries(s3ObjectInfo('x', headers).metadata ?? {})).toEqual(Object.entries(metadata));
  });

  test('is cut between code points', () => {
    const cut = decodeMetadata(encodeMetadata({ title: '😀'.repeat(500) }))['title'] ?? '';
    expect(cut).toMatch(/^(😀)+$/u);
    expect(cut.length).toBeGreaterThan(50);
  });

  test('a value of another program is kept as it is', () => {
    expect(decodeMetadata({ Mtime: '100% sure' })).toEqual({ mtime: '100% sure' });
  });

  test.each(['', 'a-b', 'A', '1a', 'ä', 'a b'])('%j is not a valid key', (name) => {
    expect(() => encodeMetadata({ [name]: 'x' })).toThrow(RangeError);
  });

  test('any key becomes one that every store accepts', () => {
    expect(portableMetadataKey('X-Id')).toBe('x_id');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(portableMetadataKey(name)).toMatch(/^[a-z_][a-z0-9_]*$/);
      }),
    );
  });
});
