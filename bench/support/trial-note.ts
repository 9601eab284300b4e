import type { Command } from 'commander';

/** What the results of a run with other options than the default ones say of themselves. */
export function trialNotes(command: Command): string[] {
  const changed = command.options
    .map((option) => option.attributeName())
    .filter((name) => name !== 'json' && command.getOptionValueSource(name) === 'cli');
  if (changed.length === 0) return [];
  return [
    `This was a trial, with values of ${changed.map((name) => `--${name}`).join(', ')} that are not the default ones.`,
  ];
}
