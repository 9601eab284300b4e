import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createProgress } from './progress-bar.ts';

function fakeStream(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY,
    columns: 120,
    rows: 40,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  }) as unknown as NodeJS.WriteStream & PassThrough;
  return stream;
}

describe('progress', () => {
  test('without a terminal: few lines, the last one with the final count', () => {
    const stream = fakeStream(false);
    const progress = createProgress({ label: 'Copying', total: 1000, unit: 'objects', stream });
    for (let count = 0; count < 1000; count += 1) progress.increment();
    progress.note(() => '5 MB');
    progress.stop();
    const text = String(stream.read());
    expect(text).toMatch(/^Copying: 1000 of 1000 objects, \d+\/s, 5 MB\n$/);
    expect(text).not.toContain('\u001b');
  });

  test('without a total there is only the count', () => {
    const stream = fakeStream(false);
    const progress = createProgress({ label: 'Listing', unit: 'entries', stream });
    progress.update(3);
    progress.stop();
    expect(String(stream.read())).toMatch(/^Listing: 3 entries, /);
  });

  test('on a terminal: a bar that ends full', () => {
    const stream = fakeStream(true);
    const progress = createProgress({ label: 'Copying', total: 4, unit: 'objects', stream });
    progress.update(2);
    progress.update(4);
    progress.stop();
    expect(String(stream.read())).toContain(`Copying [${'='.repeat(30)}] 4 of 4 objects`);
  });
});
