import { setTimeout as delay } from 'node:timers/promises';

/** How long the first byte of the answers took, in milliseconds. */
export interface Latencies {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Readers that open the same page again and again, each once its last answer is there. @throws Error for an answer other than 200 */
export async function readPage(
  url: string,
  readers: number,
  options: { readonly requestsEach: number; readonly mostMs: number },
): Promise<Latencies> {
  const times: number[] = [];
  const endsAt = performance.now() + options.mostMs;
  const read = async () => {
    for (let count = 0; count < options.requestsEach && performance.now() < endsAt; count += 1) {
      const startedAt = performance.now();
      const response = await fetch(url, { headers: { accept: 'text/html, */*;q=0.8' } });
      times.push(performance.now() - startedAt);
      if (response.status !== 200) throw new Error(`${url}: ${String(response.status)}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: readers }, read));
  return { requests: times.length, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
}

/** Readers of server-sent events. */
export class EventReaders {
  readonly #controller = new AbortController();
  readonly #streams: Promise<void>[] = [];
  #told = 0;
  #delays: number[] = [];
  #changedAt = 0;

  /** Opens the streams. @throws Error when one is refused */
  async open(url: string, readers: number): Promise<void> {
    const { signal } = this.#controller;
    const responses = await Promise.all(Array.from({ length: readers }, () => fetch(url, { signal })));
    for (const response of responses) {
      if (response.status !== 200) throw new Error(`${url}: ${String(response.status)}`);
      this.#streams.push(this.#read(response));
    }
  }

  /** Makes a change and waits until all readers were told of one. @returns how long it took each, in milliseconds */
  async change(make: () => Promise<unknown>, mostMs: number): Promise<Latencies> {
    this.#delays = [];
    await make();
    this.#changedAt = performance.now();
    const wanted = this.#streams.length;
    while (this.#delays.length < wanted && performance.now() - this.#changedAt < mostMs) await delay(5);
    const times = this.#delays;
    return { requests: times.length, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await Promise.all(this.#streams);
  }

  async #read(response: Response): Promise<void> {
    try {
      for await (const chunk of response.body ?? []) {
        if (!Buffer.from(chunk as Uint8Array).includes('event: changed')) continue;
        this.#told += 1;
        this.#delays.push(performance.now() - this.#changedAt);
      }
    } catch {
      // Closed.
    }
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
