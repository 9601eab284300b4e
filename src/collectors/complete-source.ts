import type { CollectConfig, CollectorAccess } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { CollectorKind } from './collector.ts';
import type { ConfiguredSource } from './configured-source.ts';
import type { RequestSettings } from './request-settings.ts';
import { headersWithSecrets, secretNamesOf } from './source-values.ts';
import type { SourceEntry } from './sources-schema.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What of the configuration decides about sources. */
export interface SourceOptions {
  readonly access: CollectorAccess;
  /** The values to which headers of sources refer. */
  readonly sourceSecrets?: CollectConfig['sourceSecrets'];
}

/**
 * An entry of the sources file with the defaults of its kind and the secrets of its headers.
 * @param settings as in the file: the kind parses them itself
 */
export function completeSource(
  entry: SourceEntry,
  settings: unknown,
  kind: CollectorKind,
  { access, sourceSecrets = {} }: SourceOptions,
): ConfiguredSource {
  const {
    id,
    label = id,
    schedule,
    freshness,
    retentionDays,
    userAgent,
    headers,
    timeoutSeconds,
    ...others
  } = entry;
  const { defaults } = kind;
  const warnAfterHours = freshness?.warnAfterHours ?? defaults.freshness.warnAfterHours;
  const errorAfterHours =
    freshness?.errorAfterHours ?? Math.max(defaults.freshness.errorAfterHours, warnAfterHours);
  const quietAfterHours = freshness?.quietAfterHours ?? defaults.freshness.quietAfterHours;
  return definedFields({
    ...others,
    id,
    label,
    missingKey: kind.missingKey(access) ?? missingSecret(headers, sourceSecrets),
    schedule: { ...defaults.schedule, ...(typeof schedule === 'string' ? { pattern: schedule } : schedule) },
    requests: requestSettings({ headers, timeoutSeconds, userAgent }, sourceSecrets),
    freshness: definedFields({
      warnAfterMs: warnAfterHours * HOUR_MS,
      errorAfterMs: errorAfterHours * HOUR_MS,
      quietAfterMs: quietAfterHours === undefined ? undefined : quietAfterHours * HOUR_MS,
    }),
    retentionMs: retentionDays === undefined ? undefined : retentionDays * DAY_MS,
    settings: settings ?? {},
  });
}

function missingSecret(
  headers: Readonly<Record<string, string>> = {},
  secrets: Readonly<Record<string, string>>,
): string | undefined {
  const name = secretNamesOf(headers).find((each) => !Object.hasOwn(secrets, each));
  return name === undefined ? undefined : `${name} in SOURCE_SECRETS`;
}

/** @returns undefined when the requests are like those of other sources */
function requestSettings(
  { headers, timeoutSeconds, userAgent }: Pick<SourceEntry, 'headers' | 'timeoutSeconds' | 'userAgent'>,
  secrets: Readonly<Record<string, string>>,
): RequestSettings | undefined {
  const settings = definedFields({
    userAgent,
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
    headers: headers === undefined ? undefined : () => headersWithSecrets(headers, secrets),
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}
