import { EventEmitter } from 'node:events';
import process from 'node:process';
import type { WriteStream } from 'node:tty';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openScreen, type Screen } from './screen.ts';

class FakeTerminal extends EventEmitter {
  rows = 6;
  columns = 20;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text.replaceAll('\u001b', 'ESC'));
    return true;
  }
  taken(): string {
    return this.written.splice(0).join('|');
  }
}

let screen: Screen | undefined;
afterEach(() => screen?.close());

function open(onChange: () => void = () => undefined) {
  const terminal = new FakeTerminal();
  screen = openScreen(terminal as unknown as WriteStream, onChange);
  return { terminal, screen };
}

describe('the screen', () => {
  test('is taken and given back', () => {
    const { terminal, screen: opened } = open();
    expect(terminal.taken()).toBe('ESC[?1049hESC[?25lESC[HESC[J');
    opened.close();
    expect(terminal.taken()).toBe('ESC[?25hESC[?1049l');
    opened.close();
    opened.draw(['nothing any more']);
    expect(terminal.taken()).toBe('');
  });

  test('is given back when the process ends otherwise', () => {
    const before = new Set(process.listeners('exit'));
    const { terminal } = open();
    terminal.taken();
    const [leave] = process.listeners('exit').filter((listener) => !before.has(listener));
    leave?.call(process, 0);
    expect(terminal.taken()).toBe('ESC[?25hESC[?1049l');
  });

  test('only lines that changed are written, in one piece, and what is left of longer lines is cleared', () => {
    const { terminal, screen: opened } = open();
    terminal.taken();
    opened.draw(['a', 'b', 'c']);
    expect(terminal.taken()).toBe('ESC[1;1HaESC[KESC[2;1HbESC[KESC[3;1HcESC[KESC[4;1HESC[J');
    opened.draw(['a', 'B', 'c']);
    expect(terminal.taken()).toBe('ESC[2;1HBESC[K');
    opened.draw(['a', 'B', 'c']);
    expect(terminal.taken()).toBe('');
    opened.draw(['a']);
    expect(terminal.taken()).toBe('ESC[2;1HESC[J');
  });

  test('a full one does not clear its last line', () => {
    const { terminal, screen: opened } = open();
    terminal.taken();
    opened.draw(['1', '2', '3', '4', '5', '6']);
    expect(terminal.taken()).not.toContain('ESC[J');
  });

  test('is drawn anew in another size', () => {
    let changes = 0;
    const { terminal, screen: opened } = open(() => (changes += 1));
    opened.draw(['a']);
    terminal.taken();
    terminal.rows = 3;
    terminal.emit('resize');
    expect([changes, opened.size()]).toEqual([1, { rows: 3, columns: 20 }]);
    opened.draw(['a']);
    expect(terminal.taken()).toContain('ESC[1;1Ha');
  });

  test('a terminal that does not tell its size has the usual one', () => {
    const { terminal, screen: opened } = open();
    terminal.rows = terminal.columns = 0;
    expect(opened.size()).toEqual({ rows: 24, columns: 80 });
  });
});
