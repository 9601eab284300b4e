import { definedFields } from '../../domain/defined-fields.ts';
import { playlistSettingsInput, type PlaylistSettingsChange } from '../../operations/playlist-settings.ts';
import { parseInput } from '../command/input.ts';
import { usageError } from '../command/run-command.ts';

/** How a value of `--set` is read: a text, several texts, a number or yes and no. */
const NAMES = {
  'title-include': ['titleInclude', 'texts'],
  'title-exclude': ['titleExclude', 'texts'],
  'min-duration': ['minDurationSeconds', 'number'],
  'max-duration': ['maxDurationSeconds', 'number'],
  'published-after': ['publishedAfter', 'text'],
  'published-before': ['publishedBefore', 'text'],
  live: ['live', 'choice'],
  shorts: ['shorts', 'choice'],
  profile: ['profile', 'text'],
  priority: ['priority', 'number'],
  language: ['language', 'text'],
} as const satisfies Readonly<
  Record<string, readonly [keyof PlaylistSettingsChange, 'text' | 'texts' | 'number' | 'choice']>
>;

/** The names of settings, as `--set` takes them. */
export const SETTING_NAMES = Object.keys(NAMES);

const CHOICES: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
]);

/**
 * Reads `name=value` of the option `--set`; without a value the setting is as configured. A title may be named several times.
 * @throws UserError (exit code 2) for what is no setting.
 */
export function settingsOf(assignments: readonly string[]): PlaylistSettingsChange {
  const values = new Map<string, unknown>();
  for (const assignment of assignments) {
    const [name, value] = splitOnce(assignment);
    const known = Object.entries(NAMES).find(([other]) => other === name)?.[1];
    if (known === undefined || value === undefined) {
      throw usageError(
        `--set ${assignment}: write name=value; the names are ${SETTING_NAMES.join(', ')}. Without a value the setting is as configured.`,
      );
    }
    const [field, kind] = known;
    const before = values.get(field);
    values.set(field, valueOf(value, kind, Array.isArray(before) ? before : []));
  }
  return parseInput(playlistSettingsInput, definedFields(Object.fromEntries(values)));
}

function valueOf(
  text: string,
  kind: 'text' | 'texts' | 'number' | 'choice',
  before: readonly unknown[],
): unknown {
  switch (kind) {
    case 'texts':
      return text === '' ? [...before] : [...before, text];
    case 'number':
      return text === '' ? null : Number(text);
    case 'choice':
      return text === '' ? null : (CHOICES.get(text) ?? text);
    case 'text':
      return text === '' ? null : text;
  }
}

function splitOnce(assignment: string): readonly [string, string | undefined] {
  const at = assignment.indexOf('=');
  return at < 0 ? [assignment, undefined] : [assignment.slice(0, at), assignment.slice(at + 1).trim()];
}
