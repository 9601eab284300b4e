import { z } from 'zod';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem } from '../../collector.ts';
import type { WeatherLocation, WeatherSettings } from './settings.ts';

const unixSeconds = z
  .int()
  .min(0)
  .max(Date.parse('9999-12-31T23:59:59Z') / 1000);
const optionalNumber = z.number().exactOptional();
const optionalText = z.string().exactOptional();
const amount = z.object({ '1h': optionalNumber, '3h': optionalNumber }).exactOptional();

/** The fields that openweathermap.org/current documents; others are dropped. */
export const observationSchema = z.object({
  dt: unixSeconds,
  coord: z.object({ lat: z.number(), lon: z.number() }).exactOptional(),
  weather: z
    .array(z.object({ id: z.int(), main: z.string(), description: z.string(), icon: optionalText }))
    .min(1),
  main: z.object({
    temp: z.number(),
    feels_like: optionalNumber,
    temp_min: optionalNumber,
    temp_max: optionalNumber,
    pressure: optionalNumber,
    humidity: optionalNumber,
    sea_level: optionalNumber,
    grnd_level: optionalNumber,
  }),
  visibility: optionalNumber,
  wind: z.object({ speed: optionalNumber, deg: optionalNumber, gust: optionalNumber }).exactOptional(),
  clouds: z.object({ all: optionalNumber }).exactOptional(),
  rain: amount,
  snow: amount,
  sys: z
    .object({
      country: optionalText,
      sunrise: unixSeconds.exactOptional(),
      sunset: unixSeconds.exactOptional(),
    })
    .exactOptional(),
  timezone: optionalNumber,
  id: optionalNumber,
  name: optionalText,
});

export type Observation = z.infer<typeof observationSchema>;

const DEGREES = { metric: '°C', imperial: '°F', standard: 'K' } as const;

/**
 * Converts an observation to a document. Its identity is the location and the time of the observation (`dt`), not the
 * time of the request.
 */
export function observationDocument(
  observation: Observation,
  location: WeatherLocation,
  { units, language }: Pick<WeatherSettings, 'units' | 'language'>,
): DocumentItem {
  const { dt, coord, weather, main, visibility, wind, clouds, rain, snow, sys } = observation;
  const description = weather.map((condition) => condition.description).join(', ');
  const payload = definedFields({
    location: { ...location },
    units,
    observed_at: new Date(dt * 1000),
    conditions: weather,
    main,
    visibility_meters: visibility,
    wind,
    clouds_percent: clouds?.all,
    rain_millimeters: rain,
    snow_millimeters: snow,
    sunrise_at: dateOf(sys?.sunrise),
    sunset_at: dateOf(sys?.sunset),
    utc_offset_seconds: observation.timezone,
    city: definedFields({ id: observation.id, name: observation.name, country: sys?.country }),
    coordinates: coord === undefined ? undefined : { latitude: coord.lat, longitude: coord.lon },
  });
  return {
    type: 'document',
    identity: { location: location.id, observed_at: dt },
    title: `${location.name}: ${description}, ${String(main.temp)} ${DEGREES[units]}`,
    // OpenWeatherMap writes pt_br, BCP 47 pt-BR.
    language: language.replace(/_[a-z]{2}$/, (region) => region.replace('_', '-').toUpperCase()),
    publishedAt: new Date(dt * 1000),
    payload,
  };
}

function dateOf(unixSeconds: number | undefined): Date | undefined {
  return unixSeconds === undefined ? undefined : new Date(unixSeconds * 1000);
}
