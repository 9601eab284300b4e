import { z } from 'zod';
import { JobError, PermanentError } from '../../domain/job-errors.ts';
import { defineCollector, type CollectContext, type Found } from '../collector.ts';
import { JUDGED_STATUSES, readAnswer } from './openweathermap/answer.ts';
import { observationDocument, type Observation } from './openweathermap/observation.ts';
import { createPace } from './openweathermap/pace.ts';
import {
  weatherSettingsSchema,
  type WeatherLocation,
  type WeatherSettings,
} from './openweathermap/settings.ts';

const MAX_ANSWER_BYTES = 256 * 1024;
/** The service renews its data every 10 minutes and asks for no more calls than that (openweathermap.org/appid). */
const RENEWAL_MS = 10 * 60_000;
/** After so many locations in a row without a connection it is the network, and the run ends. */
const UNREACHABLE_IN_A_ROW = 3;

/** The latest observation of each location: `dt` as the service gave it, and when it was asked for. */
const weatherStateSchema = z.object({
  locations: z.record(z.string(), z.object({ dt: z.int(), asked: z.iso.datetime() })),
});

type WeatherState = z.infer<typeof weatherStateSchema>;
type WeatherContext = CollectContext<WeatherSettings, WeatherState>;

/**
 * Current weather of OpenWeatherMap, four times a day. A document is one observation: its identity is the id of the
 * location and the time of the observation; it has no key. The same observation once more is not yielded again, its
 * part is `unchanged`; a location that was asked for less than 10 minutes ago, as in a retry, is not asked for again.
 */
export const openweathermap = defineCollector<WeatherSettings, WeatherState>({
  kind: 'openweathermap',
  settingsSchema: weatherSettingsSchema,
  stateSchema: weatherStateSchema,
  defaults: {
    schedule: { pattern: '0 0,6,12,18 * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 8, errorAfterHours: 24 },
  },
  missingKey: ({ openWeatherMap }) => (openWeatherMap.key === undefined ? 'OWM_API_KEY' : undefined),
  collect,
});

async function* collect(context: WeatherContext): AsyncGenerator<Found<WeatherState>> {
  const { settings, signal, now } = context;
  const ids = new Set(settings.locations.map(({ id }) => id));
  // Locations that are no longer in the settings are forgotten.
  const known = Object.entries(context.state?.locations ?? {}).filter(([id]) => ids.has(id));
  const latest = new Map(known);
  const waitForTurn = createPace(settings.callsPerMinute);
  const failures: JobError[] = [];
  let unreachable = 0;
  for (const location of settings.locations) {
    const last = latest.get(location.id);
    const ageMs = last === undefined ? NaN : now().getTime() - Date.parse(last.asked);
    if (ageMs >= 0 && ageMs < RENEWAL_MS) {
      yield unchanged(location, 'It was asked for less than 10 minutes ago.');
      continue;
    }
    await waitForTurn(signal);
    let observation: Observation;
    try {
      observation = await observe(context, location);
    } catch (error) {
      if (!isOfLocation(error)) throw error;
      failures.push(error);
      unreachable = isUnreachable(error) ? unreachable + 1 : 0;
      if (unreachable >= UNREACHABLE_IN_A_ROW) throw error;
      yield { type: 'part', name: location.id, status: 'failed', note: error.message, error };
      continue;
    }
    unreachable = 0;
    latest.set(location.id, { dt: observation.dt, asked: now().toISOString() });
    if (observation.dt === last?.dt) {
      yield unchanged(location, `Its latest observation is still that of ${isoOf(observation.dt)}.`);
    } else {
      yield observationDocument(observation, location, settings);
      yield { type: 'part', name: location.id, status: 'success', items: 1 };
    }
    yield { type: 'checkpoint', state: { locations: Object.fromEntries(latest) } };
  }
  const [failure] = failures;
  if (failure !== undefined && failures.length === settings.locations.length) throw failure;
}

async function observe(context: WeatherContext, location: WeatherLocation): Promise<Observation> {
  const { settings, access, http, signal } = context;
  const { url: baseUrl, key } = access.openWeatherMap;
  if (key === undefined) throw new PermanentError('source_settings', 'OWM_API_KEY is not set.');
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/weather`);
  url.searchParams.set('lat', String(location.latitude));
  url.searchParams.set('lon', String(location.longitude));
  url.searchParams.set('units', settings.units);
  url.searchParams.set('lang', settings.language);
  const answer = await http.fetch(url, {
    secretParameters: { appid: key },
    maxBytes: MAX_ANSWER_BYTES,
    // The key would go with the address.
    redirects: 'same-host',
    acceptedStatuses: JUDGED_STATUSES,
    signal,
  });
  return readAnswer(answer, location);
}

/** Whether a failure leaves the other locations a chance: a refused key and an asked-for pause do not. */
function isOfLocation(error: unknown): error is JobError {
  if (!(error instanceof JobError)) return false;
  return error.outcome === 'transient' || error.errorClass === 'source_settings';
}

function isUnreachable({ errorClass }: JobError): boolean {
  return errorClass === 'network' || errorClass === 'timeout' || errorClass === 'stall';
}

function unchanged({ id }: WeatherLocation, note: string): Found<WeatherState> {
  return { type: 'part', name: id, status: 'unchanged', note };
}

function isoOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
