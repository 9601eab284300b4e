/**
 * Readings that are shared by those who ask for the same at the same time. Nobody gets a reading that began before he asked, so each
 * sees his own changes: who asks while one runs waits for the next one, together with all others who do.
 */
export class JoinedReads<T> {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, Promise<T>>();

  /** @param key what is read: readings with the same key must be the same. @throws what the reading throws */
  read(key: string, run: () => Promise<T>): Promise<T> {
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const next = this.#afterCurrent(key, run);
    this.#next.set(key, next);
    return next;
  }

  async #afterCurrent(key: string, run: () => Promise<T>): Promise<T> {
    await this.#running.get(key);
    // Who asks within the same turn of the event loop joins as well.
    await Promise.resolve();
    this.#next.delete(key);
    const reading = (async () => await run())();
    const settled = reading.then(
      () => undefined,
      () => undefined,
    );
    this.#running.set(key, settled);
    try {
      return await reading;
    } finally {
      if (this.#running.get(key) === settled) this.#running.delete(key);
    }
  }
}
