import { createCollectProcessor } from '../processors/collect.ts';
import { probeDatabase } from '../probes.ts';
import type { Processor } from '../processor.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';
import { notConfigured } from './not-configured.ts';

/** Collects sources. */
export function createCollectQueue({
  config,
  database,
  queues,
  factories: { kinds, openHttp },
  sources,
}: ProcessorDependencies): Processor<'collect'> {
  if (sources === undefined) {
    return notConfigured(
      'A source is to be collected, but this worker has no sources file: set SOURCES_FILE.',
    );
  }
  return {
    ...createCollectProcessor({ database, queues, config, sources, kinds, openHttp }),
    probe: () => probeDatabase(database),
  };
}
