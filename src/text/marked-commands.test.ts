import { expect, test } from '@jest/globals';
import { markedCommands } from './marked-commands.ts';

test.each([
  ['', ''],
  ['No command.', 'No command.'],
  [
    'Then `npm run retry -- --class private` tries it again.',
    'Then <code>npm run retry -- --class private</code> tries it again.',
  ],
  ['`a` and `b`', '<code>a</code> and <code>b</code>'],
  ['a ` alone', 'a ` alone'],
  ['`a` and ` alone', '<code>a</code> and ` alone'],
  ['`<b>` & <i>', '<code>&lt;b&gt;</code> &amp; &lt;i&gt;'],
])('%j', (text, markup) => {
  expect(markedCommands(text).markup).toBe(markup);
});
