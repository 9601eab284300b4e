import { z } from 'zod';
import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import { observationSchema, type Observation } from './observation.ts';
import type { WeatherLocation } from './settings.ts';

/** Error statuses that are handled here, because they may mean a wrong location and not a wrong key. */
export const HANDLED_STATUSES = [400, 401, 403, 404] as const;

/** The service sends its code as a number or as text. */
const codeSchema = z.object({ cod: z.union([z.int(), z.string().regex(/^\d{3}$/)]).transform(Number) });

/**
 * Reads the response for one location. Error texts of the service are not passed on: they may repeat the request with
 * its key.
 * @throws PermanentError `source_refused` when the key is refused (for every location); `source_settings` when the
 * location is unknown. LaterError `source_limited`, TransientError `server_error` or `source_format`.
 */
export async function readObservation(
  response: HttpResponse,
  location: WeatherLocation,
): Promise<Observation> {
  if (response.status >= 400) {
    await response.discard();
    throw failureOf(response.status, location);
  }
  const body = await response.json();
  const code = codeSchema.safeParse(body).data?.cod ?? 200;
  if (code >= 400) throw failureOf(code, location);
  const observation = observationSchema.safeParse(body);
  if (observation.success) return observation.data;
  const fields = observation.error.issues.map(({ path }) => path.join('.')).slice(0, 5);
  const message = `The response of OpenWeatherMap for ${location.id} has invalid fields: ${fields.join(', ')}.`;
  throw new TransientError('source_format', message);
}

function failureOf(code: number, { id, latitude, longitude }: WeatherLocation): Error {
  if (code === 401 || code === 403) {
    const message = `OpenWeatherMap refused the key in OWM_API_KEY (${String(code)}). A new key may take 2 hours to work.`;
    return new PermanentError('source_refused', message);
  }
  if (code === 429) {
    return new LaterError('source_limited', 'OpenWeatherMap reports too many calls with this key (429).');
  }
  if (code >= 500) {
    return new TransientError('server_error', `OpenWeatherMap answered with error ${String(code)}.`);
  }
  const place = `${String(latitude)}, ${String(longitude)} (${id})`;
  return new PermanentError(
    'source_settings',
    `OpenWeatherMap knows no location at ${place}: error ${String(code)}.`,
  );
}
