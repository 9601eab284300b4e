import { describe, expect, test } from '@jest/globals';
import { formatPasswordHash, hashPassword, matchesPassword, parsePasswordHash } from './password-hash.ts';

test('a password matches its hash alone, also after it was written and read', async () => {
  const text = formatPasswordHash(await hashPassword('with:colon ü'));
  expect(text).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
  const hash = parsePasswordHash(text);
  if (hash === undefined) throw new Error('It was not read.');
  expect(await matchesPassword('with:colon ü', hash)).toBe(true);
  // The same letter, typed on another keyboard: u and a combining mark.
  expect(await matchesPassword('with:colon u\u0308', hash)).toBe(true);
  expect(await matchesPassword('with:colon u', hash)).toBe(false);
  expect(await matchesPassword('', hash)).toBe(false);
  expect(formatPasswordHash(await hashPassword('with:colon ü'))).not.toBe(text);
}, 60_000);

describe('what is no hash, or asks for too much work, is not read', () => {
  const rest = `$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  test.each([
    '',
    'secret',
    '$2b$12$abcdefghijklmnopqrstuv',
    `$scrypt$ln=15,r=8,p=3${rest}x==`,
    `$scrypt$ln=0,r=8,p=3${rest}`,
    `$scrypt$ln=30,r=8,p=3${rest}`,
    `$scrypt$ln=15,r=99,p=3${rest}`,
    `$scrypt$ln=15,r=8,p=0${rest}`,
    `$scrypt$ln=15,r=8,p=3$$${'A'.repeat(43)}`,
    `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$`,
  ])('%j', (text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
  });
});
