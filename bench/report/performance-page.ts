import { formatRatio, formatVersions, shown, type BenchReport, type Chart } from '../support/bench-report.ts';
import { formatMachine } from '../support/machine.ts';

/** In this order; others come after them. */
const ORDER = [
  'transcode',
  'enqueue',
  'overhead',
  'scale',
  'backlog',
  'start',
  'mirror',
  'dashboard',
  'collectors',
];

/** A machine with nothing else to do has less. */
const QUIET_LOAD = 0.5;

const INTRODUCTION = `# Performance

What \`npm run bench\` measured. This page and its charts are written by \`node bench/report/main.ts\` from the results in
\`bench/results\`; no figure is typed by hand.

To measure again: \`npm run bench --silent -- NAME --json > NAME.json\`, then \`node bench/report/main.ts NAME.json\`. \`npm run bench -- NAME --help\`
shows how a trial is made smaller.

## Method

- Every benchmark measures a peer or a floor in the same run: another program that does the same, or the least that anything could do.
- What is compared takes turns, and every other round goes through it in the opposite order: a machine that is slow for a while is slow for all of it.
- A figure is the median of the rounds, with the least and the most in brackets. A ratio is that of two medians.
- Everything runs on one machine: workers, servers, and the sample channel that serves the audio. The CPU time of each part is read from \`/proc\`.
- Times say something of this machine only; ratios, and counts such as calls and bytes, are what another machine can be compared with.
- The load before a run says how quiet the machine was: the average number of processes that ran or wanted to. Above about 0.5 other programs took part of the time.
`;

/** The page as Markdown; the charts are beside it. */
export function performancePage(reports: readonly BenchReport[]): string {
  const place = ({ bench }: BenchReport) => (ORDER.includes(bench) ? ORDER.indexOf(bench) : ORDER.length);
  const sorted = reports.toSorted(
    (one, other) => place(one) - place(other) || one.bench.localeCompare(other.bench),
  );
  return [INTRODUCTION, ...sorted.map(section)].join('\n');
}

/** The file of a chart, from where the page is. */
export function chartFile({ name }: Chart): string {
  return `performance/${name}.svg`;
}

function section(report: BenchReport): string {
  const { bench, method, at, machine, versions, options, groups, ratios, charts, notes } = report;
  const settings = Object.entries(options).map(([name, value]) => `--${name}=${String(value)}`);
  return [
    `## ${bench}`,
    method,
    ...charts.map((chart) => `![${chart.title}](${chartFile(chart)})`),
    ...groups.map(tableOf),
    ratios.map((ratio) => `- ${formatRatio(ratio)}`).join('\n'),
    ...notes,
    ...loadNotes(report),
    `\`npm run bench -- ${[bench, ...settings].join(' ')}\`, ${at.slice(0, 10)}: ${formatMachine(machine)}. ${formatVersions(versions)}.`,
    '',
  ]
    .filter((part, index, all) => part !== '' || index === all.length - 1)
    .join('\n\n');
}

/** Times of a machine with other work mean little; ratios of alternating rounds, and counts, mean more. */
function loadNotes({ machine: { loadBefore } }: BenchReport): string[] {
  if (loadBefore === undefined || loadBefore <= QUIET_LOAD) return [];
  return [
    `**Other programs were at work on the machine** (load ${loadBefore.toFixed(1)} before the run): the times are no reference, and only ratios and counts say something.`,
  ];
}

function tableOf({ title, columns, rows }: BenchReport['groups'][number]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line([title.toLowerCase(), ...columns.map(({ label }) => label)]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ name, figures }) =>
      line([code(name), ...columns.map(({ key, digits }) => shown(figures[key], digits))]),
    ),
  ].join('\n');
}

/** Addresses and options are not words. */
function code(name: string): string {
  return /^\/|--/.test(name) ? `\`${name}\`` : name;
}
