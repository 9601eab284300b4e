import { expect, test } from '@jest/globals';
import { identityError } from './identity-error.ts';

const withCode = (code: string) => Object.assign(new Error('connect failed'), { code });

test.each([
  ['no identity of this machine', new Error('none found'), 0, 'operator', 'credentials'],
  ['a refusal', new Error('not you'), 403, 'operator', 'credentials'],
  ['a service that is overloaded', new Error('later'), 429, 'transient', 'server_error'],
  ['a service that fails', new Error('oh'), 500, 'transient', 'server_error'],
  ['a service that is not reached', withCode('ECONNREFUSED'), 0, 'transient', 'network'],
  ['a name that is not resolved', withCode('EAI_AGAIN'), 0, 'transient', 'network'],
  ['a file that is missing', withCode('ENOENT'), 0, 'operator', 'credentials'],
] as const)('%s', (_what, thrown, status, outcome, errorClass) => {
  expect(identityError('There is no token', thrown, status)).toMatchObject({
    outcome,
    errorClass,
    cause: thrown,
  });
});

test('the reason is one line of bounded length without secrets', () => {
  const thrown = new Error(`see\n\n https://x?sig=secret&b ${'long '.repeat(200)}`);
  const { message } = identityError('There is no token', thrown, 0);
  expect(message).toMatch(/^There is no token: see https:\/\/x long/);
  expect(message.length).toBeLessThan(450);
});
