/**
 * Passes items from callbacks to an async reader, in order. The producer has to wait when the reader is behind, so that a
 * fast listing neither fills the memory nor runs far ahead of the work on its entries.
 */
export class EventChannel<T> {
  readonly #limit: number;
  #items: T[] = [];
  #end: { readonly error?: Error } | undefined;
  #wakeReader = Promise.withResolvers<undefined>();
  #wakeProducer: PromiseWithResolvers<undefined> | undefined;

  /** @param limit how many items may be queued before the producer must wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns a promise when the producer must wait until the reader has caught up. */
  push(item: T): Promise<void> | undefined {
    if (this.#end !== undefined) return undefined;
    this.#items.push(item);
    this.#wakeReader.resolve(undefined);
    if (this.#items.length < this.#limit) return undefined;
    this.#wakeProducer ??= Promise.withResolvers<undefined>();
    return this.#wakeProducer.promise;
  }

  /** No more items; the reader gets the error, if any, after the last one. Lets the producer continue. */
  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wakeReader.resolve(undefined);
    this.#releaseProducer();
  }

  async *read(): AsyncGenerator<T> {
    for (;;) {
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (items.length > 0) continue;
      this.#releaseProducer();
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return;
      await this.#wakeReader.promise;
      this.#wakeReader = Promise.withResolvers<undefined>();
    }
  }

  #releaseProducer(): void {
    this.#wakeProducer?.resolve(undefined);
    this.#wakeProducer = undefined;
  }
}
