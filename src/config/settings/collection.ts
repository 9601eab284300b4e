import { z } from 'zod';
import { cronPatternSchema, timeZoneSchema } from '../cron.ts';
import { setting } from './setting.ts';
import { count, flag, namedSecrets, seconds, url, webUrl } from './value-types.ts';

const optionalText = () => z.string().min(1).optional();

export const collectionSettings = {
  SOURCES_FILE: setting(z.string().default('sources.yaml'), {
    description: 'The file that lists the sources and their schedules; its comments explain it.',
  }),
  SOURCE_SECRETS: setting(namedSecrets.optional(), {
    secret: true,
    example: 'NEWS_TOKEN=0123abc',
    description:
      'The secrets to which `headers` in the sources file refer: lines NAME=value, as in .env; a value with # or spaces stands in quotation marks. In sources.yaml, ${NAME} stands for the value.',
  }),
  COLLECT_CONTACT_URL: setting(url('http:', 'https:', 'mailto:').optional(), {
    description:
      "Where a site's owner can ask about the requests: an https: or mailto: URL. It becomes part of the User-Agent.",
  }),
  COLLECT_TIMEOUT_SECONDS: setting(seconds(60), {
    description: 'The longest time for one request, from its first byte to its last.',
  }),
  COLLECT_ALLOW_PRIVATE_ADDRESSES: setting(flag(false), {
    description: 'Whether addresses of private networks may be fetched, for sources in your own network.',
  }),
  COLLECT_RETRY_ROUNDS: setting(count(3, 0), {
    description: 'How many more times a failed run is retried after its attempts within the queue.',
  }),
  COLLECT_RETRY_DELAY_SECONDS: setting(seconds(300), {
    description: 'The delay before each of these rounds.',
  }),
  OWM_API_KEY: setting(optionalText(), {
    secret: true,
    description:
      'A key of OpenWeatherMap (https://openweathermap.org/api). Without it sources of this kind are disabled.',
  }),
  OWM_API_URL: setting(webUrl.default('https://api.openweathermap.org/data/2.5'), {
    description: 'The URL of the OpenWeatherMap API.',
  }),
  KAGGLE_USERNAME: setting(optionalText(), {
    secret: true,
    description:
      'The user name at Kaggle, used together with KAGGLE_KEY. Without them and without KAGGLE_API_TOKEN sources of this kind are disabled.',
  }),
  KAGGLE_KEY: setting(optionalText(), { secret: true, description: 'The API key of KAGGLE_USERNAME.' }),
  KAGGLE_API_TOKEN: setting(optionalText(), {
    secret: true,
    description: 'A token of the Kaggle API, in place of user name and key.',
  }),
  KAGGLE_API_URL: setting(webUrl.default('https://www.kaggle.com/api/v1'), {
    description: 'The URL of the Kaggle API.',
  }),
  GDELT_URL: setting(webUrl.default('https://storage.googleapis.com/data.gdeltproject.org/gdeltv2'), {
    description:
      'The URL of the GDELT files. The default is their storage bucket because data.gdeltproject.org has no certificate of its own.',
  }),
};

export const snapshotSettings = {
  SNAPSHOT_PATTERN: setting(cronPatternSchema.default('30 3 * * *'), {
    description: 'The cron schedule on which a snapshot of the database is saved to the bucket.',
  }),
  SNAPSHOT_KEEP_DAILY: setting(count(7), { description: 'How many daily snapshots are kept.' }),
  SNAPSHOT_KEEP_WEEKLY: setting(count(4, 0), { description: 'How many weekly snapshots are kept.' }),
  SNAPSHOT_KEEP_MONTHLY: setting(count(12, 0), { description: 'How many monthly snapshots are kept.' }),
  SNAPSHOT_PASSPHRASE: setting(z.string().min(12, 'needs 12 characters or more').optional(), {
    secret: true,
    description:
      'Encrypts snapshots that are written to files (npm run snapshot -- --at FILE); 12 characters or more.',
  }),
  DIGEST_PATTERN: setting(cronPatternSchema.default('0 7 * * *'), {
    description: 'The cron schedule on which the webhook receives the digest of the day before.',
  }),
  SCHEDULE_TIME_ZONE: setting(timeZoneSchema.default('Europe/Paris'), {
    description: 'The time zone of both cron schedules. Each source in sources.yaml has its own.',
  }),
  VERSION_LOG_FILE: setting(z.string().default('README_VERSIONNING.md'), {
    description: 'The append-only log of collections and snapshots.',
  }),
};
