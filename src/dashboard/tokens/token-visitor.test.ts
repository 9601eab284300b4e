import { expect, test } from '@jest/globals';
import type { TokenDocument } from '../../database/collections/token.ts';
import type { Role } from '../../domain/role.ts';
import { parseBearer } from './bearer.ts';
import { visitorOfToken } from './token-visitor.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const USERS = new Map<string, Role>([
  ['ama', 'operator'],
  ['kofi', 'viewer'],
]);
const findRole = (name: string) => Promise.resolve(USERS.get(name));

const token = (fields: Partial<TokenDocument>): TokenDocument => ({
  ...{ _id: 'backup', token_id: '0'.repeat(12), hash: '', role: 'operator', created_at: NOW },
  ...{ made_by: 'ama', made_via: 'page', ...fields },
});

test.each<[string, Partial<TokenDocument>, Role | undefined]>([
  ['an operator made it', {}, 'operator'],
  ['an operator made it for a viewer', { role: 'viewer' }, 'viewer'],
  ['its maker is a viewer now', { made_by: 'kofi' }, 'viewer'],
  ['its maker is gone', { made_by: 'yaw' }, undefined],
  ['its maker has the name of a property', { made_by: 'constructor' }, undefined],
  ['it was made while there was no login', { made_by: null }, undefined],
  ['the command made it', { made_by: 'root', made_via: 'command' }, 'operator'],
  ['the command of a user without a name made it', { made_by: null, made_via: 'command' }, 'operator'],
  ['it ends later', { expires_at: new Date(NOW.getTime() + 1) }, 'operator'],
  ['it ended', { expires_at: NOW }, undefined],
  ['the command made it, and it ended', { made_via: 'command', expires_at: new Date(0) }, undefined],
])('with a login, %s', async (_what, fields, role) => {
  expect((await visitorOfToken(token(fields), findRole, NOW))?.role).toBe(role);
});

test.each<[string, Partial<TokenDocument>, Role | undefined]>([
  ['nobody in particular made it', { made_by: null }, 'operator'],
  ['it was made while there was a login', { made_by: 'yaw', role: 'viewer' }, 'viewer'],
  ['it ended', { made_by: null, expires_at: NOW }, undefined],
])('without a login, %s', async (_what, fields, role) => {
  expect((await visitorOfToken(token(fields), undefined, NOW))?.role).toBe(role);
});

test('the audit says which token it was and who made it', async () => {
  expect((await visitorOfToken(token({}), findRole, NOW))?.name).toBe('backup (ama)');
  expect((await visitorOfToken(token({ made_by: null }), undefined, NOW))?.name).toBe('backup');
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Bearer', ''],
  [`Bearer ${'a'.repeat(300)}`, ''],
  ['Basic YTpi', undefined],
  ['Bearerabc', undefined],
  ['', undefined],
])('the token of %j', (header, expected) => {
  expect(parseBearer(header)).toBe(expected);
});
