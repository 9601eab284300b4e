import { z } from 'zod';
import { JobError, PermanentError } from '../../domain/job-errors.ts';
import { defineCollector, namedEntries, type CollectContext, type CollectedItem } from '../collector.ts';
import { observationDocument, type Observation } from './openweathermap/observation.ts';
import { createRateLimiter } from './openweathermap/rate-limiter.ts';
import { HANDLED_STATUSES, readObservation } from './openweathermap/read-observation.ts';
import {
  weatherSettingsSchema,
  type WeatherLocation,
  type WeatherSettings,
} from './openweathermap/settings.ts';
import { withoutEnd } from '../../text/without-end.ts';

const MAX_RESPONSE_BYTES = 256 * 1024;
/** The service updates its data every 10 minutes and asks for no more calls than that (openweathermap.org/appid). */
const UPDATE_INTERVAL_MS = 10 * 60_000;
const UNREACHABLE: readonly string[] = ['network', 'timeout', 'stall'];
/** After this many locations in a row without a connection the run ends: the network is down. */
const MAX_UNREACHABLE_IN_A_ROW = 3;

/** The latest observation of each location: the `dt` of the service, and the time of the request. */
const weatherStateSchema = z.object({
  locations: z.record(z.string(), z.object({ dt: z.int(), asked: z.iso.datetime() })),
});

type WeatherState = z.infer<typeof weatherStateSchema>;

/**
 * Current weather of OpenWeatherMap, four times a day. A document is one observation: its identity is the id of the
 * location and the time of the observation; it has no key. An observation that is already known is not yielded again,
 * and its part is `unchanged`. A location that was requested in the last 10 minutes, as in a retry, is not requested.
 */
export const openweathermap = defineCollector({
  kind: 'openweathermap',
  settingsSchema: weatherSettingsSchema,
  stateSchema: weatherStateSchema,
  defaults: {
    schedule: { pattern: '0 0,6,12,18 * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 8, errorAfterHours: 24, quietAfterHours: 24 },
  },
  missingKey: ({ openWeatherMap }) => (openWeatherMap.key === undefined ? 'OWM_API_KEY' : undefined),
  async *collect(context) {
    const { settings, signal, now, access } = context;
    const { key } = access.openWeatherMap;
    if (key === undefined) throw new PermanentError('source_settings', 'OWM_API_KEY is not set.');
    const ids = settings.locations.map(({ id }) => id);
    const latest = namedEntries(context.state?.locations, ids);
    const waitForRateLimit = createRateLimiter(settings.callsPerMinute);
    let unreachable = 0;
    for (const location of settings.locations) {
      const last = latest.get(location.id);
      const ageMs = last === undefined ? NaN : now().getTime() - Date.parse(last.asked);
      if (ageMs >= 0 && ageMs < UPDATE_INTERVAL_MS) {
        yield unchanged(location, 'It was requested less than 10 minutes ago.');
        continue;
      }
      await waitForRateLimit(signal);
      let observation: Observation;
      try {
        observation = await fetchObservation(context, location, key);
      } catch (error) {
        if (!concernsLocationOnly(error)) throw error;
        unreachable = UNREACHABLE.includes(error.errorClass) ? unreachable + 1 : 0;
        if (unreachable >= MAX_UNREACHABLE_IN_A_ROW) throw error;
        yield { type: 'part', name: location.id, status: 'failed', note: error.message, error };
        continue;
      }
      unreachable = 0;
      latest.set(location.id, { dt: observation.dt, asked: now().toISOString() });
      if (observation.dt === last?.dt) {
        const observedAt = new Date(observation.dt * 1000).toISOString();
        yield unchanged(location, `The latest observation is still that of ${observedAt}.`);
      } else {
        yield observationDocument(observation, location, settings);
        yield { type: 'part', name: location.id, status: 'success', items: 1 };
      }
      yield { type: 'checkpoint', state: { locations: Object.fromEntries(latest) } };
    }
  },
});

async function fetchObservation(
  context: CollectContext<WeatherSettings, WeatherState>,
  location: WeatherLocation,
  key: string,
): Promise<Observation> {
  const { settings, access, http, signal } = context;
  const { url: baseUrl } = access.openWeatherMap;
  const url = new URL(`${withoutEnd(baseUrl, '/')}/weather`);
  url.searchParams.set('lat', String(location.latitude));
  url.searchParams.set('lon', String(location.longitude));
  url.searchParams.set('units', settings.units);
  url.searchParams.set('lang', settings.language);
  const response = await http.fetch(url, {
    secretParameters: { appid: key },
    maxBytes: MAX_RESPONSE_BYTES,
    // A redirect to another host would send the key there.
    redirects: 'same-host',
    acceptedStatuses: HANDLED_STATUSES,
    signal,
  });
  return readObservation(response, location);
}

/** False for errors that concern all locations, such as a refused key or a requested pause. */
function concernsLocationOnly(error: unknown): error is JobError {
  if (!(error instanceof JobError)) return false;
  return error.outcome === 'transient' || error.errorClass === 'source_settings';
}

function unchanged({ id }: WeatherLocation, note: string): CollectedItem<WeatherState> {
  return { type: 'part', name: id, status: 'unchanged', note };
}
