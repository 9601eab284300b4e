import { parse } from 'shell-quote';
import { z } from 'zod';
import { AUDIO_PROFILES, YOUTUBE_DOWNLOADERS } from '../domain/audio.ts';
import { cronPattern, timeZone } from './cron.ts';
import { parseEgressEntries } from './egress-identities.ts';

/** Splits a shell-quoted text into arguments; operators and globs are refused: there is no shell. */
const shellWords = z.string().transform((text, context) => {
  const words = parse(text, (name) => `$${name}`);
  const plain = words.filter((word) => typeof word === 'string');
  if (plain.length !== words.length) {
    context.addIssue({ code: 'custom', message: 'has shell operators; quote them, as no shell reads them' });
    return z.NEVER;
  }
  return plain;
});

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `is not an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const count = (fallback: number, least = 1) => z.coerce.number().int().min(least).default(fallback);
const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0', 'yes', 'no'])
    .transform((text) => ['true', '1', 'yes'].includes(text))
    .default(fallback);
const pattern = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined) return undefined;
    try {
      return new RegExp(text, 'iu');
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `is not a regular expression (${(error as Error).message})`,
      });
      return z.NEVER;
    }
  });
const date = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined) return undefined;
    const parsed = new Date(text);
    if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(parsed.getTime())) {
      context.addIssue({ code: 'custom', message: 'is not a date such as 2026-01-31' });
      return z.NEVER;
    }
    return parsed;
  });
/** S3 bucket and Azure container names: 3–63 of a–z, 0–9 and hyphens, no hyphen at the ends or doubled. */
const bucketName = (fallback: string) =>
  z
    .string()
    .regex(
      /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
      'is not a bucket name (3–63 of a–z, 0–9 and single hyphens)',
    )
    .default(fallback);

const egress = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined) return undefined;
    const { entries, problems } = parseEgressEntries(text);
    for (const message of problems) context.addIssue({ code: 'custom', message });
    return problems.length === 0 ? entries : z.NEVER;
  });

const ALERT_FORMATS = ['json', 'slack', 'ntfy', 'apprise'] as const;
/** The form of an alert: our own JSON, or what a service expects. */
export type AlertFormat = (typeof ALERT_FORMATS)[number];

/** Every environment variable this program reads. `.env.example` explains each; a test keeps the two equal. */
export const environmentSchema = z.object({
  REDIS_URL: url('redis:', 'rediss:'),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w{}-]+$/, 'may have letters, digits, _ - { } only')
    .default('sonotheque'),
  MONGO_URL: url('mongodb:', 'mongodb+srv:'),

  MINIO_ENDPOINT: z
    .string()
    .refine(
      (text) => URL.canParse(text.includes('://') ? text : `http://${text}`),
      'is not HOST:PORT or an http(s) address',
    ),
  MINIO_ACCESS_KEY: z.string().min(3),
  MINIO_SECRET_KEY: z.string().min(8),
  MINIO_BUCKET: bucketName('sonotheque'),
  MINIO_REGION: z.string().default('us-east-1'),

  AZURE_ACCOUNT_URL: url('http:', 'https:').optional(),
  AZURE_SAS_TOKEN: z.string().optional(),
  AZURE_STORAGE_CONNECTION_STRING: z.string().optional(),
  AZURE_CONTAINER: bucketName('sonotheque'),

  YOUTUBE_API_KEY: z.string().optional(),
  YOUTUBE_API_URL: url('http:', 'https:').default('https://www.googleapis.com/youtube/v3'),

  PLAYLIST_FILE: z.string().default('playlist.txt'),
  PLAYLIST_INTERVAL_HOURS: z.coerce.number().positive().default(24),
  FILTER_MIN_DURATION_SECONDS: z.coerce.number().min(0).optional(),
  FILTER_MAX_DURATION_SECONDS: z.coerce.number().positive().optional(),
  FILTER_TITLE_INCLUDE: pattern,
  FILTER_TITLE_EXCLUDE: pattern,
  FILTER_PUBLISHED_AFTER: date,
  FILTER_LIVE: flag(true),
  FILTER_SHORTS: flag(true),
  FILTER_NEWEST: z.coerce.number().int().positive().optional(),

  STAGING_DIR: z.string().default('.sonotheque/staging'),
  STAGING_MAX_BYTES: count(20 * 1024 ** 3),
  STAGING_MAX_FILES: count(2_000),
  STAGING_MIN_FREE_BYTES: count(512 * 1024 ** 2, 0),
  AUDIO_PROFILE: z.enum(AUDIO_PROFILES).default('mp3-320'),
  AUDIO_PROVIDERS: z
    .string()
    .default('yt-dlp')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(YOUTUBE_DOWNLOADERS)).min(1)),
  YTDLP_PATH: z.string().default('yt-dlp'),
  YTDLP_EXTRA_ARGS: shellWords.default([]),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  FFPROBE_PATH: z.string().default('ffprobe'),
  MAX_SIZE_BYTES: count(2 * 1024 ** 3),
  DOWNLOAD_STALL_SECONDS: seconds(90),
  DOWNLOAD_DEADLINE_SECONDS: seconds(3 * 3600),
  SAVETUBE_API_URL: url('http:', 'https:').default('https://media.savetube.vip/api'),
  SAVETUBE_CDN_SCHEME: z.enum(['http', 'https']).default('https'),
  SAVETUBE_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, 'is not a key of 32 hexadecimal digits')
    .optional(),

  STORAGE_STALL_SECONDS: seconds(60),
  STORAGE_DEADLINE_SECONDS: seconds(3600),

  PLAYLIST_CONCURRENCY: count(2),
  DOWNLOAD_CONCURRENCY: count(2),
  UPLOAD_CONCURRENCY: count(4),
  SYNC_CONCURRENCY: count(4),
  RETRY_CONCURRENCY: count(4),
  // Two, so that a walk through a large bucket does not hold up the alerts.
  MAINTENANCE_CONCURRENCY: count(2),
  COLLECT_CONCURRENCY: count(2),
  RETRY_ROUNDS: count(8, 0),
  RETRY_MIN_DELAY_SECONDS: seconds(60),
  RETRY_MAX_DELAY_SECONDS: seconds(6 * 3600),
  ATTEMPT_DELAY_SECONDS: seconds(5),

  EGRESS: egress,
  EGRESS_BUDGET_PER_HOUR: count(300, 0),
  EGRESS_SPACING_SECONDS: z.coerce.number().min(0).default(5),
  THROTTLE_MIN_REST_SECONDS: seconds(60),
  THROTTLE_MAX_REST_SECONDS: seconds(3600),
  OPERATOR_PROBE_SECONDS: seconds(30),
  JOB_LOCK_SECONDS: seconds(30),

  SOURCES_FILE: z.string().default('sources.yaml'),
  COLLECT_CONTACT_URL: url('http:', 'https:', 'mailto:').optional(),
  COLLECT_TIMEOUT_SECONDS: seconds(60),
  COLLECT_ALLOW_PRIVATE_ADDRESSES: flag(false),
  COLLECT_RETRY_ROUNDS: count(3, 0),
  COLLECT_RETRY_DELAY_SECONDS: seconds(300),
  OWM_API_KEY: z.string().min(1).optional(),
  OWM_API_URL: url('http:', 'https:').default('https://api.openweathermap.org/data/2.5'),
  KAGGLE_USERNAME: z.string().min(1).optional(),
  KAGGLE_KEY: z.string().min(1).optional(),
  KAGGLE_API_TOKEN: z.string().min(1).optional(),
  KAGGLE_API_URL: url('http:', 'https:').default('https://www.kaggle.com/api/v1'),
  // data.gdeltproject.org has no certificate of its own; the same files are served here.
  GDELT_URL: url('http:', 'https:').default('https://storage.googleapis.com/data.gdeltproject.org/gdeltv2'),

  SNAPSHOT_PATTERN: cronPattern('30 3 * * *'),
  SNAPSHOT_KEEP_DAILY: count(7),
  SNAPSHOT_KEEP_WEEKLY: count(4, 0),
  SNAPSHOT_KEEP_MONTHLY: count(12, 0),
  SNAPSHOT_PASSPHRASE: z.string().min(12, 'needs 12 characters or more').optional(),
  DIGEST_PATTERN: cronPattern('0 7 * * *'),
  SCHEDULE_TIME_ZONE: timeZone('Europe/Paris'),
  VERSION_LOG_FILE: z.string().default('README_VERSIONNING.md'),

  RECONCILE_INTERVAL_SECONDS: seconds(300),
  RECONCILE_BUCKET_INTERVAL_SECONDS: seconds(3600),

  SHUTDOWN_GRACE_SECONDS: seconds(30),
  HEALTH_HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),

  DASHBOARD_HOST: z.string().optional(),
  DASHBOARD_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  DASHBOARD_USER: z.string().min(1).optional(),
  DASHBOARD_PASSWORD: z.string().min(8, 'needs 8 characters or more').optional(),

  ALERT_WEBHOOK_URL: url('http:', 'https:').optional(),
  ALERT_WEBHOOK_FORMAT: z.enum(ALERT_FORMATS).default('json'),
  ALERT_FAILED_LIMIT: count(100, 0),
  ALERT_MIRROR_LAG_SECONDS: seconds(6 * 3600),
  ALERT_STAGING_FULL_SECONDS: seconds(600),

  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** The environment after parsing, before it is ordered into a Config. */
export type Environment = z.output<typeof environmentSchema>;

/** Names whose value may instead be read from the file that `<NAME>_FILE` points to (container secrets). */
export const SECRET_NAMES = [
  'REDIS_URL',
  'MONGO_URL',
  'MINIO_ACCESS_KEY',
  'MINIO_SECRET_KEY',
  'AZURE_SAS_TOKEN',
  'AZURE_STORAGE_CONNECTION_STRING',
  'YOUTUBE_API_KEY',
  'OWM_API_KEY',
  'KAGGLE_USERNAME',
  'KAGGLE_KEY',
  'KAGGLE_API_TOKEN',
  'ALERT_WEBHOOK_URL',
  'EGRESS',
  'DASHBOARD_USER',
  'DASHBOARD_PASSWORD',
] as const satisfies readonly (keyof Environment)[];
