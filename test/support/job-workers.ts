import type { QueueName } from '../../src/domain/queues.ts';
import { randomUUID } from 'node:crypto';
import { connectRedis } from '../../src/queues/connections.ts';
import { createSilentLogger, type Logger } from '../../src/runtime/logger.ts';
import { openEgress } from '../../src/egress/egress.ts';
import { createJobWorker, type JobWorker } from '../../src/workers/job-worker.ts';
import { SuspectIsolation } from '../../src/workers/suspect-isolation.ts';
import type { Processor } from '../../src/workers/processor.ts';
import type { TestEnvironment } from './test-environment.ts';

/** Runs workers of the real adapter within the test's own process. */
export class TestWorkers {
  readonly #environment: TestEnvironment;
  readonly #logger: Logger;
  readonly #running: { readonly worker: JobWorker; readonly disconnect: () => void }[] = [];

  constructor(environment: TestEnvironment, logger: Logger = createSilentLogger()) {
    this.#environment = environment;
    this.#logger = logger;
  }

  start<N extends QueueName>(name: N, processor: Processor<N>, concurrency = 2): JobWorker {
    const { config, queues } = this.#environment;
    const connection = connectRedis(config.redis, 'worker');
    const worker = createJobWorker(name, processor, concurrency, {
      config,
      connection,
      queues,
      egress: openEgress(config, queues, this.#logger),
      isolation: new SuspectIsolation(config.worker.lockMs),
      logger: this.#logger,
      workerName: `test-${randomUUID()}`,
    });
    worker.start();
    this.#running.push({
      worker,
      disconnect: () => {
        connection.disconnect();
      },
    });
    return worker;
  }

  async stop(): Promise<void> {
    for (const { worker, disconnect } of this.#running.splice(0)) {
      worker.interrupt();
      await worker.drain();
      disconnect();
    }
  }
}
