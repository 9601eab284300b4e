import { toJobError, type JobError } from '../../domain/job-errors.ts';
import { defineCollector, type CollectContext, type Found } from '../collector.ts';
import { collectStream } from './gdelt/collect-stream.ts';
import { EVENT_STREAMS } from './gdelt/listing.ts';
import { gdeltSettingsSchema, type GdeltSettings } from './gdelt/settings.ts';
import { gdeltStateSchema, type GdeltState } from './gdelt/slot-state.ts';

/**
 * Events of GDELT 2.0, every 15 minutes. A document is one event: its identity is the event id, it has no key, since
 * an event never changes. What was missed is made up for from the cursor, see collectStream.
 */
export const gdelt = defineCollector<GdeltSettings, GdeltState>({
  kind: 'gdelt',
  settingsSchema: gdeltSettingsSchema,
  stateSchema: gdeltStateSchema,
  defaults: {
    // The files of a quarter of an hour are listed some minutes after it.
    schedule: { pattern: '5-59/15 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 2, errorAfterHours: 24 },
  },
  collect,
});

async function* collect(
  context: CollectContext<GdeltSettings, GdeltState>,
): AsyncGenerator<Found<GdeltState>> {
  const streams = EVENT_STREAMS.filter(({ name }) => name === 'english' || context.settings.translation);
  let state = context.state ?? {};
  const failures = new Map<string, JobError>();
  for (const stream of streams) {
    try {
      for await (const found of collectStream(context, stream)) {
        if (found.type === 'checkpoint') state = { ...state, [stream.name]: found.state };
        yield found.type === 'checkpoint' ? { type: 'checkpoint', state } : found;
      }
    } catch (thrown) {
      const error = toJobError(thrown, context.signal);
      // A pause that the service asks for, and the end of the process, concern both streams.
      if (error.outcome !== 'transient' && error.outcome !== 'permanent') throw error;
      failures.set(stream.name, error);
    }
  }
  const [failure] = failures.values();
  if (failure !== undefined && failures.size === streams.length) throw failure;
  // Told only when the run ends with it: another attempt at the run may get the stream.
  for (const [name, error] of failures) {
    yield { type: 'part', name, status: 'failed', note: error.message, error };
  }
}
