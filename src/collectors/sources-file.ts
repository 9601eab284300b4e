import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CollectConfig, CollectorAccess } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
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
 * @throws UserError when it cannot be read; ConfigurationError with all problems in it.
 */
export async function loadSources(
  { sourcesFile, access }: Pick<CollectConfig, 'sourcesFile' | 'access'>,
  kinds: readonly CollectorKind[] = KINDS,
): Promise<readonly ConfiguredSource[]> {
  const text = await readFile(sourcesFile, 'utf8').catch((error: unknown) => {
    const isMissing = (error as { code?: unknown }).code === 'ENOENT';
    const problem = isMissing ? 'There is no sources file' : 'The sources file cannot be read:';
    throw new UserError(
      `${problem} ${sourcesFile}. It lists the sources to collect: create it, or set SOURCES_FILE to its path.`,
      { exitCode: 2, cause: error },
    );
  });
  return parseSources(text, { name: path.basename(sourcesFile), access, kinds });
}

/**
 * Parses the text of a sources file.
 * @throws ConfigurationError with all problems, each with its line.
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
  const addProblem = (at: YamlPath, message: string) => {
    problems.push(`${name} line ${String(yaml.lineOf(at))}: ${pathPrefix(at)}${message}`);
  };
  const addIssues = (issues: readonly z.core.$ZodIssue[], parent: YamlPath) => {
    for (const issue of issues) {
      const at = [...parent, ...issue.path];
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) addProblem([...at, key], 'is not a known setting');
      } else addProblem(at, issue.message);
    }
  };
  const sources: ConfiguredSource[] = [];
  const file = problems.length > 0 ? undefined : fileSchema.safeParse(yaml.value);
  if (file?.success === false) addIssues(file.error.issues, []);
  const lines = new Map<string, number>();
  for (const [index, raw] of (file?.data?.sources ?? []).entries()) {
    const at = ['sources', index];
    const kind = kinds.find((each) => each.kind === raw.kind);
    if (kind === undefined) {
      const known = kinds.map((each) => each.kind).join(', ');
      addProblem([...at, 'kind'], `is not a kind of source; known kinds: ${known}`);
      continue;
    }
    const entry = entrySchema(kind).safeParse(raw);
    if (!entry.success) {
      addIssues(entry.error.issues, at);
      continue;
    }
    const firstLine = lines.get(entry.data.id);
    if (firstLine !== undefined) {
      addProblem([...at, 'id'], `is already the id of the source in line ${String(firstLine)}`);
    }
    lines.set(entry.data.id, yaml.lineOf([...at, 'id']));
    const source = configuredSource(entry.data, raw['settings'], kind, access);
    if (source.freshness.errorAfterMs < source.freshness.warnAfterMs) {
      addProblem([...at, 'freshness'], 'errorAfterHours may not be less than warnAfterHours');
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
  const { id, label = id, schedule, freshness, retentionDays, ...others } = entry;
  const { defaults } = kind;
  const warnAfterHours = freshness?.warnAfterHours ?? defaults.freshness.warnAfterHours;
  const errorAfterHours =
    freshness?.errorAfterHours ?? Math.max(defaults.freshness.errorAfterHours, warnAfterHours);
  return definedFields({
    ...others,
    id,
    label,
    missingKey: kind.missingKey(access),
    schedule: { ...defaults.schedule, ...schedule },
    freshness: { warnAfterMs: warnAfterHours * HOUR_MS, errorAfterMs: errorAfterHours * HOUR_MS },
    retentionMs: retentionDays === undefined ? undefined : retentionDays * DAY_MS,
    settings: settings ?? {},
  });
}

/** `sources[1].settings.feeds[0].url: ` */
function pathPrefix(at: YamlPath): string {
  const text = at
    .map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}
