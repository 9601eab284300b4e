import { expect, test } from '@jest/globals';
import { serverEnvironment } from './server-environment.ts';

test('a server gets what programs need to run, and its own variables', () => {
  const inherited = {
    PATH: '/bin',
    HOME: '/home/ama',
    MONGO_URL: 'mongodb://user:secret@host',
    DASHBOARD_PASSWORD: 'secret',
    HTTPS_PROXY: 'http://user:secret@proxy',
    NODE_OPTIONS: '--inspect',
  };
  expect(serverEnvironment({ OWN: 'one' }, inherited)).toEqual({
    PATH: '/bin',
    HOME: '/home/ama',
    OWN: 'one',
  });
});
