import { Redis } from 'ioredis';

type Stream = Redis['stream'];

/**
 * A connection to one server, which sends together what is said within one turn of the event loop: jobs run side by side, and
 * each write costs the kernel, Redis and this process more than what is written. Order, answers and what happens when the
 * connection is lost are those of single commands, unlike with pipelines (`enableAutoPipelining` of ioredis takes more time of
 * the processor than it saves).
 */
export class RedisServer extends Redis {
  /** What is being gathered goes there. */
  #gathering: Stream | undefined;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    if (this.status === 'ready' && this.#gathering !== this.stream) this.#gather(this.stream);
    return super.sendCommand(...args);
  }

  #gather(stream: Stream): void {
    this.#gathering = stream;
    stream.cork();
    setImmediate(() => {
      if (this.#gathering === stream) this.#gathering = undefined;
      stream.uncork();
    });
  }
}
