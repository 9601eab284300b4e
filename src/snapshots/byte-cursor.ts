/** Takes bytes off a stream in the lengths that are asked for. Keeps no more than that and one piece of the stream. */
export class ByteCursor {
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads on until so many bytes are held. @returns false when the stream ends before. */
  async fill(bytes: number): Promise<boolean> {
    while (this.#heldBytes < bytes) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      if (next.value.byteLength === 0) continue;
      this.#pieces.push(next.value);
      this.#heldBytes += next.value.byteLength;
    }
    return true;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The next bytes, which stay; undefined when fewer are held. */
  peek(bytes: number): Buffer | undefined {
    if (this.#heldBytes < bytes) return undefined;
    let [first] = this.#pieces;
    if (first === undefined || first.byteLength < bytes) {
      first = Buffer.concat(this.#pieces);
      this.#pieces = [first];
    }
    return Buffer.from(first.buffer, first.byteOffset, bytes);
  }

  /** The next bytes; undefined when fewer are held. */
  take(bytes: number): Buffer | undefined {
    const taken = this.peek(bytes);
    const [first] = this.#pieces;
    if (taken === undefined || first === undefined) return taken;
    if (first.byteLength === bytes) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(bytes);
    this.#heldBytes -= bytes;
    return taken;
  }

  /** Ends the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
