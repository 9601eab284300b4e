import { z } from 'zod';
import { areDistinct } from '../../sources-schema.ts';

const locationSchema = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,62}$/,
      'is not an id of lower-case letters, digits, hyphens and underscores',
    )
    .describe('Identifies the location permanently: observations are recognised by it.'),
  name: z.string().min(1).max(100).describe('The name that people see.'),
  latitude: z.number().min(-90).max(90).describe('Degrees north.'),
  longitude: z.number().min(-180).max(180).describe('Degrees east.'),
});

export const weatherSettingsSchema = z.strictObject({
  locations: z
    .array(locationSchema)
    .min(1)
    .max(1000)
    .refine((locations) => areDistinct(locations.map(({ id }) => id)), 'contains an id more than once')
    .describe('The locations; each costs one call.'),
  units: z
    .enum(['metric', 'imperial', 'standard'])
    .default('metric')
    .describe('metric: °C and m/s, imperial: °F and mph, standard: K and m/s. Default: metric.'),
  language: z
    .string()
    .regex(/^[a-z]{2}(_[a-z]{2})?$/, 'is not a language of OpenWeatherMap such as fr or pt_br')
    .default('fr')
    .describe('The language of descriptions. Default: fr.'),
  callsPerMinute: z
    .int()
    .min(1)
    .max(3000)
    .default(60)
    .describe('The limit of the plan of the key. Default: 60, the limit of the free plan.'),
});

export type WeatherSettings = z.infer<typeof weatherSettingsSchema>;
export type WeatherLocation = WeatherSettings['locations'][number];
