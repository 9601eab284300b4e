import { StringDecoder } from 'node:string_decoder';

/** In UTF-16 units; the rest of a longer line is dropped. */
const DEFAULT_MAX_LINE_LENGTH = 1024 * 1024;

/**
 * Splits a stream of bytes into lines. A character whose bytes arrive in two chunks stays whole, and a program
 * that never ends its line cannot fill the memory.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxLength: number;
  #partial = '';
  #overlong = false;

  constructor(maxLength = DEFAULT_MAX_LINE_LENGTH) {
    this.#maxLength = maxLength;
  }

  /** The lines that this chunk completes, without their line ends (`\n` or `\r\n`). */
  push(chunk: Buffer): string[] {
    return this.#split(this.#decoder.write(chunk));
  }

  /** After the end of the stream: the last line, if it has no line end. */
  flush(): string[] {
    const lines = this.#split(this.#decoder.end());
    if (this.#partial === '' && !this.#overlong) return lines;
    lines.push(this.#take());
    return lines;
  }

  #split(text: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#append(text.slice(from, end));
      lines.push(this.#take());
      from = end + 1;
    }
    this.#append(text.slice(from));
    return lines;
  }

  #append(text: string): void {
    const free = this.#maxLength - this.#partial.length;
    if (text.length > free) this.#overlong = true;
    this.#partial += text.slice(0, free);
  }

  #take(): string {
    const line = this.#partial;
    const whole = !this.#overlong;
    this.#partial = '';
    this.#overlong = false;
    return whole && line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

/** Keeps the last characters of a growing text. */
export class TextTail {
  readonly #maxLength: number;
  #text = '';

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  addLine(line: string): void {
    this.#text = `${this.#text}${line.slice(-this.#maxLength)}\n`.slice(-this.#maxLength);
  }

  get text(): string {
    return this.#text.trimEnd();
  }
}
