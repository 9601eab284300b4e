import { z } from 'zod';
import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import { observationSchema, type Observation } from './observation.ts';
import type { WeatherLocation } from './settings.ts';

/** Statuses that are judged here, since a location may be at fault instead of the key. */
export const JUDGED_STATUSES = [400, 401, 403, 404] as const;

/** The service writes its code as a number or as text. */
const codeSchema = z.object({ cod: z.union([z.int(), z.string().regex(/^\d{3}$/)]).transform(Number) });

/**
 * Reads the answer for one location. What the service says of an error is not passed on: it may repeat the request,
 * and the key with it.
 * @throws PermanentError `source_refused` when the key is not taken, which holds for every location; `source_settings`
 * when the location is not known. LaterError `source_limited`, TransientError `server_error` or `source_format`.
 */
export async function readAnswer(answer: HttpResponse, location: WeatherLocation): Promise<Observation> {
  if (answer.status === 401 || answer.status === 403) {
    await answer.discard();
    throw refusedKey(answer.status);
  }
  if (answer.status >= 400) {
    await answer.discard();
    throw unknownLocation(answer.status, location);
  }
  const body = await answer.json();
  const code = codeSchema.safeParse(body).data?.cod ?? 200;
  if (code === 401 || code === 403) throw refusedKey(code);
  if (code === 429) {
    throw new LaterError('source_limited', 'OpenWeatherMap says that the key was used too often (429).');
  }
  if (code >= 500) {
    throw new TransientError('server_error', `OpenWeatherMap answered with error ${String(code)}.`);
  }
  if (code >= 400) throw unknownLocation(code, location);
  const observation = observationSchema.safeParse(body);
  if (observation.success) return observation.data;
  const fields = observation.error.issues.map(({ path }) => path.join('.')).slice(0, 5);
  throw new TransientError(
    'source_format',
    `The answer of OpenWeatherMap for ${location.id} is not as documented: ${fields.join(', ')}.`,
  );
}

function refusedKey(code: number): PermanentError {
  return new PermanentError(
    'source_refused',
    `OpenWeatherMap does not take the key in OWM_API_KEY (${String(code)}). A new key may take 2 hours to work.`,
  );
}

function unknownLocation(code: number, { id, latitude, longitude }: WeatherLocation): PermanentError {
  return new PermanentError(
    'source_settings',
    `OpenWeatherMap knows no location at ${String(latitude)}, ${String(longitude)} (${id}): it answered ${String(code)}.`,
  );
}
