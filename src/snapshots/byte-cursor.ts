/** Reads a stream in pieces of requested lengths. Buffers no more than the requested length and one chunk. */
export class ByteCursor {
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads until at least this many bytes are buffered. @returns false when the stream ends before. */
  async fill(bytes: number): Promise<boolean> {
    while (this.#bufferedBytes < bytes) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      if (next.value.byteLength === 0) continue;
      this.#chunks.push(next.value);
      this.#bufferedBytes += next.value.byteLength;
    }
    return true;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** The next bytes, without removing them; undefined when fewer are buffered. */
  peek(bytes: number): Buffer | undefined {
    if (this.#bufferedBytes < bytes) return undefined;
    let [first] = this.#chunks;
    if (first === undefined || first.byteLength < bytes) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    return Buffer.from(first.buffer, first.byteOffset, bytes);
  }

  /** Removes and returns the next bytes; undefined when fewer are buffered. */
  take(bytes: number): Buffer | undefined {
    const taken = this.peek(bytes);
    const [first] = this.#chunks;
    if (taken === undefined || first === undefined) return taken;
    if (first.byteLength === bytes) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes);
    this.#bufferedBytes -= bytes;
    return taken;
  }

  /** Closes the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
