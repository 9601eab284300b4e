import { toJobError, type JobError } from '../../domain/job-errors.ts';
import { defineCollector } from '../collector.ts';
import { collectStream } from './gdelt/collect-stream.ts';
import { EVENT_STREAMS } from './gdelt/listing.ts';
import { gdeltSettingsSchema } from './gdelt/settings.ts';
import { gdeltStateSchema } from './gdelt/slot-state.ts';

/**
 * Events of GDELT 2.0, every 15 minutes. A document is one event: its identity is the event id; it has no key, because
 * an event never changes. Missed slots are collected later, see collectStream.
 */
export const gdelt = defineCollector({
  kind: 'gdelt',
  settingsSchema: gdeltSettingsSchema,
  stateSchema: gdeltStateSchema,
  defaults: {
    // The files of a slot of 15 minutes are listed some minutes after its end.
    schedule: { pattern: '5-59/15 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 2, errorAfterHours: 24, quietAfterHours: 24 },
  },
  async *collect(context) {
    const streams = EVENT_STREAMS.filter(({ name }) => name === 'english' || context.settings.translation);
    let state = context.state ?? {};
    const failures = new Map<string, JobError>();
    for (const stream of streams) {
      try {
        for await (const item of collectStream(context, stream)) {
          if (item.type === 'checkpoint') state = { ...state, [stream.name]: item.state };
          yield item.type === 'checkpoint' ? { type: 'checkpoint', state } : item;
        }
      } catch (thrown) {
        const error = toJobError(thrown, context.signal);
        // A pause requested by the service and a shutdown concern both streams.
        if (error.outcome !== 'transient' && error.outcome !== 'permanent') throw error;
        failures.set(stream.name, error);
      }
    }
    const errors = [...failures.values()];
    // A failure that a retry may help counts more than one that it cannot.
    const failure = errors.find(({ outcome }) => outcome === 'transient') ?? errors[0];
    if (failure !== undefined && failures.size === streams.length) throw failure;
    // Reported only when the other stream succeeded: if both fail, the run is attempted again.
    for (const [name, error] of failures) {
      yield { type: 'part', name, status: 'failed', note: error.message, error };
    }
  },
});
