import { FAULTS } from './catalogue.ts';
import type { FaultRow } from './fault-row.ts';

const INTRODUCTION = `# Faults and bad input

The faults that tests inject, what must happen then, and the tests that prove it. After every fault, once everything
runs again, each accepted video is in exactly one of _verified in storage_, _waiting or retrying_, _failed with a
reason_; no partial or corrupt object is visible; nothing is stored twice; staging has no leftover files; other
playlists continued; and the log says what happened.

\`npm run generate\` generates this page from \`test/faults/catalogue/\`. A test compares both,
and checks that each test named here exists.
`;

/** The catalogue as a page in Markdown. */
export function faultsPage(): string {
  return [INTRODUCTION, ...FAULTS.map(section)].join('\n');
}

function section({ number, fault, injected, behaviour, proofs, note }: FaultRow): string {
  const tests = Object.entries(proofs).map(
    ([file, titles]) => `- \`${file}\`\n${titles.map((title) => `  - “${plain(title)}”\n`).join('')}`,
  );
  return [
    `## ${String(number)}. ${fault}\n\n`,
    `Injected by: ${injected}.\n\n`,
    `${behaviour}\n`,
    ...(tests.length === 0 ? [] : ['\n', ...tests]),
    ...(note === undefined ? [] : [`\n${note}\n`]),
  ].join('');
}

/** Escapes the special characters of Markdown. */
function plain(title: string): string {
  return title.replaceAll(/[_*<>[\]`]/g, String.raw`\$&`);
}
