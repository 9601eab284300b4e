import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CollectConfig, CollectorAccess } from '../config/config.ts';
import { ConfigurationError, UserError } from '../runtime/user-error.ts';
import type { CollectorKind } from './collector.ts';
import type { ConfiguredSource } from './configured-source.ts';
import { KINDS } from './kinds.ts';
import { entrySchema, type SourceEntry } from './sources-schema.ts';
import { readYaml, type YamlPath } from './yaml-text.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const fileSchema = z.strictObject({ sources: z.array(z.looseObject({ kind: z.string(), id: z.unknown() })) });

/**
 * Reads the sources file.
 * @throws UserError when it cannot be read; ConfigurationError with all that is wrong in it.
 */
export async function loadSources(
  { sourcesFile, access }: Pick<CollectConfig, 'sourcesFile' | 'access'>,
  kinds: readonly CollectorKind[] = KINDS,
): Promise<readonly ConfiguredSource[]> {
  const text = await readFile(sourcesFile, 'utf8').catch((error: unknown) => {
    const isMissing = (error as { code?: unknown }).code === 'ENOENT';
    const what = isMissing ? 'There is no sources file' : 'The sources file cannot be read:';
    throw new UserError(
      `${what} ${sourcesFile}. It lists what is collected: put it there, or set SOURCES_FILE to where it is.`,
      { exitCode: 2, cause: error },
    );
  });
  return parseSources(text, { name: path.basename(sourcesFile), access, kinds });
}

/**
 * Reads the text of a sources file.
 * @throws ConfigurationError with all that is wrong in it, by line.
 */
export function parseSources(
  text: string,
  options: {
    readonly name: string;
    readonly access: CollectorAccess;
    readonly kinds: readonly CollectorKind[];
  },
): readonly ConfiguredSource[] {
  const { name, access, kinds } = options;
  const yaml = readYaml(text);
  const problems = yaml.problems.map((problem) => `${name} ${problem}`);
  const complain = (at: YamlPath, message: string) => {
    problems.push(`${name} line ${String(yaml.lineOf(at))}: ${shownPath(at)}${message}`);
  };
  const takeIssues = (issues: readonly z.core.$ZodIssue[], within: YamlPath) => {
    for (const issue of issues) {
      const at = [...within, ...issue.path];
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) complain([...at, key], 'is not a setting that exists here');
      } else complain(at, issue.message);
    }
  };
  const sources: ConfiguredSource[] = [];
  const file = problems.length > 0 ? undefined : fileSchema.safeParse(yaml.value);
  if (file?.success === false) takeIssues(file.error.issues, []);
  const lines = new Map<string, number>();
  for (const [index, raw] of (file?.data?.sources ?? []).entries()) {
    const at = ['sources', index];
    const kind = kinds.find((each) => each.kind === raw.kind);
    if (kind === undefined) {
      const known = kinds.map((each) => each.kind).join(', ');
      complain([...at, 'kind'], `is not a kind of source; there are ${known}`);
      continue;
    }
    const entry = entrySchema(kind).safeParse(raw);
    if (!entry.success) {
      takeIssues(entry.error.issues, at);
      continue;
    }
    const earlier = lines.get(entry.data.id);
    if (earlier !== undefined)
      complain([...at, 'id'], `is the id of the source in line ${String(earlier)}, too`);
    lines.set(entry.data.id, yaml.lineOf([...at, 'id']));
    const source = configuredSource(entry.data, raw['settings'], kind, access);
    if (source.freshness.errorAfterMs < source.freshness.warnAfterMs) {
      complain([...at, 'freshness'], 'errorAfterHours may not be less than warnAfterHours');
    }
    sources.push(source);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return sources;
}

function configuredSource(
  entry: SourceEntry,
  settings: unknown,
  kind: CollectorKind,
  access: CollectorAccess,
): ConfiguredSource {
  const { id, label, enabled, schedule, freshness, retentionDays, maxItemsPerRun, minItems, requiredFields } =
    entry;
  const { defaults } = kind;
  const missing = kind.missingKey(access);
  const warnAfterHours = freshness?.warnAfterHours ?? defaults.freshness.warnAfterHours;
  const errorAfterHours =
    freshness?.errorAfterHours ?? Math.max(defaults.freshness.errorAfterHours, warnAfterHours);
  return {
    id,
    kind: kind.kind,
    label: label ?? id,
    enabled,
    ...(missing === undefined ? {} : { missingKey: missing }),
    schedule: {
      pattern: schedule?.pattern ?? defaults.schedule.pattern,
      timeZone: schedule?.timeZone ?? defaults.schedule.timeZone,
    },
    freshness: { warnAfterMs: warnAfterHours * HOUR_MS, errorAfterMs: errorAfterHours * HOUR_MS },
    ...(retentionDays === undefined ? {} : { retentionMs: retentionDays * DAY_MS }),
    ...(maxItemsPerRun === undefined ? {} : { maxItemsPerRun }),
    ...(minItems === undefined ? {} : { minItems }),
    requiredFields,
    settings: settings ?? {},
  };
}

/** `sources[1].settings.feeds[0].url: `, as a person finds it. */
function shownPath(at: YamlPath): string {
  const text = at
    .map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}
