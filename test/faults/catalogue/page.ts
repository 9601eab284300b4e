import { FAULTS } from './catalogue.ts';
import type { FaultRow } from './fault-row.ts';

const INTRODUCTION = `# Faults and bad input

What is done to the program on purpose, what must happen then, and the tests that prove it. After every fault, once
things run again: each accepted video is in exactly one of _verified in storage_, _waiting or retrying_, _failed with
a reason_; no partial or corrupt object is visible; nothing is stored twice; staging holds no strays; other playlists
went on; and the log says what happened.

This page is made from \`test/faults/catalogue/\` by \`node test/faults/catalogue/write-page.ts\`. A test compares both,
and looks for each test that is named here.
`;

/** The catalogue as the page that people read, in Markdown. */
export function faultsPage(): string {
  return [INTRODUCTION, ...FAULTS.map(section)].join('\n');
}

function section({ number, fault, injected, behaviour, proofs, note }: FaultRow): string {
  const tests = Object.entries(proofs).map(
    ([file, titles]) => `- \`${file}\`\n${titles.map((title) => `  - “${plain(title)}”\n`).join('')}`,
  );
  return [
    `## ${String(number)}. ${fault}\n\n`,
    `Brought about by: ${injected}.\n\n`,
    `${behaviour}\n`,
    ...(tests.length === 0 ? [] : ['\n', ...tests]),
    ...(note === undefined ? [] : [`\n${note}\n`]),
  ].join('');
}

/** Takes their meaning from the marks of Markdown. */
function plain(title: string): string {
  return title.replaceAll(/[_*<>[\]`]/g, String.raw`\$&`);
}
