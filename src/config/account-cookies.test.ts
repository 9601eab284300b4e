import { expect, test } from '@jest/globals';
import { hasAccountCookies } from './account-cookies.ts';
import type { Config } from './config.ts';

const withCookies = (cookiesFiles: readonly (string | undefined)[], ytDlpExtraArgs: readonly string[] = []) =>
  hasAccountCookies({
    egress: {
      addresses: cookiesFiles.map((cookiesFile) => (cookiesFile === undefined ? {} : { cookiesFile })),
    },
    media: { ytDlpExtraArgs },
  } as unknown as Config);

test.each<[boolean, (string | undefined)[], string[]]>([
  [false, [undefined], []],
  [true, ['a.txt'], []],
  [true, ['a.txt', 'a.txt'], []],
  // Their lists would be those of another account in each listing.
  [false, ['a.txt', 'b.txt'], []],
  [false, ['a.txt', undefined], []],
  [true, [undefined], ['--cookies', 'a.txt']],
  [true, [undefined], ['--cookies=a.txt']],
  [true, [undefined, undefined], ['--cookies-from-browser', 'firefox']],
  [false, [undefined], ['--no-cookies']],
])('%s with the cookies files %j and the arguments %j', (has, files, extra) => {
  expect(withCookies(files, extra)).toBe(has);
});
