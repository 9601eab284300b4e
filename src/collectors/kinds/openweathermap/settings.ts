import { z } from 'zod';

const locationSchema = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,62}$/,
      'is not an id of lower-case letters, digits, hyphens and underscores',
    )
    .describe('Names the location for good: its observations are recognised by it.'),
  name: z.string().min(1).max(100).describe('The name that is shown.'),
  latitude: z.number().min(-90).max(90).describe('Degrees north.'),
  longitude: z.number().min(-180).max(180).describe('Degrees east.'),
});

/** The settings of a source of kind `openweathermap` in sources.yaml. */
export const weatherSettingsSchema = z.strictObject({
  locations: z
    .array(locationSchema)
    .min(1)
    .max(1000)
    .refine(
      (locations) => new Set(locations.map(({ id }) => id)).size === locations.length,
      'has an id more than once',
    )
    .describe('Where the weather is asked for; one call each.'),
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
    .describe('As the plan of the key allows. Default: 60, that of the free plan.'),
});

/** The settings of a source of kind `openweathermap`. */
export type WeatherSettings = z.infer<typeof weatherSettingsSchema>;
export type WeatherLocation = WeatherSettings['locations'][number];
