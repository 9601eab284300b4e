import { z } from 'zod';
import type { FoundDocument, PlainValue } from '../../collector.ts';
import type { WeatherLocation, WeatherSettings } from './settings.ts';

/** A moment that a date can hold, until the year 9999. */
const unixSecondsSchema = z.int().min(0).max(253_402_300_799);
const amountSchema = z.object({ '1h': z.number().optional(), '3h': z.number().optional() });

/** The fields that openweathermap.org/current documents; others are not kept. */
export const observationSchema = z.object({
  dt: unixSecondsSchema,
  coord: z.object({ lat: z.number(), lon: z.number() }).optional(),
  weather: z
    .array(z.object({ id: z.int(), main: z.string(), description: z.string(), icon: z.string().optional() }))
    .min(1),
  main: z.object({
    temp: z.number(),
    feels_like: z.number().optional(),
    temp_min: z.number().optional(),
    temp_max: z.number().optional(),
    pressure: z.number().optional(),
    humidity: z.number().optional(),
    sea_level: z.number().optional(),
    grnd_level: z.number().optional(),
  }),
  visibility: z.number().optional(),
  wind: z
    .object({ speed: z.number().optional(), deg: z.number().optional(), gust: z.number().optional() })
    .optional(),
  clouds: z.object({ all: z.number().optional() }).optional(),
  rain: amountSchema.optional(),
  snow: amountSchema.optional(),
  sys: z
    .object({
      country: z.string().optional(),
      sunrise: unixSecondsSchema.optional(),
      sunset: unixSecondsSchema.optional(),
    })
    .optional(),
  timezone: z.number().optional(),
  id: z.number().optional(),
  name: z.string().optional(),
});

export type Observation = z.infer<typeof observationSchema>;

const DEGREES = { metric: '°C', imperial: '°F', standard: 'K' } as const;

/**
 * Makes a document of an observation: its identity is the location and the time of the observation (`dt`), not the
 * time at which it was asked for.
 */
export function observationDocument(
  observation: Observation,
  location: WeatherLocation,
  { units, language }: Pick<WeatherSettings, 'units' | 'language'>,
): FoundDocument {
  const { dt, coord, weather, main, visibility, wind, clouds, rain, snow, sys } = observation;
  const description = weather.map((condition) => condition.description).join(', ');
  const fields = {
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
    city: { id: observation.id, name: observation.name, country: sys?.country },
    coordinates: coord === undefined ? undefined : { latitude: coord.lat, longitude: coord.lon },
  };
  return {
    type: 'document',
    identity: { location: location.id, observed_at: dt },
    title: `${location.name}: ${description}, ${String(main.temp)} ${DEGREES[units]}`,
    // OpenWeatherMap writes pt_br where BCP 47 has pt-BR.
    language: language.replace(/_(\w+)$/, (_all, region: string) => `-${region.toUpperCase()}`),
    publishedAt: new Date(dt * 1000),
    payload: plain(fields),
  };
}

function dateOf(unixSeconds: number | undefined): Date | undefined {
  return unixSeconds === undefined ? undefined : new Date(unixSeconds * 1000);
}

/** A value of which parts may be missing. */
type Sparse = string | number | Date | undefined | readonly Sparse[] | { readonly [name: string]: Sparse };

/** Leaves out what is not there: databases differ in what they make of undefined. */
function plain(fields: Readonly<Record<string, Sparse>>): Record<string, PlainValue> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const kept = plainValue(value);
      return kept === undefined ? [] : [[name, kept] as const];
    }),
  );
}

function plainValue(value: Sparse): PlainValue | undefined {
  if (typeof value !== 'object' || value instanceof Date) return value;
  if (isList(value)) return value.map((element) => plainValue(element) ?? null);
  return plain(value);
}

function isList(value: object): value is readonly Sparse[] {
  return Array.isArray(value);
}
