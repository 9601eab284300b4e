import { everyStep, type Rate, type Step } from '../../reports/rates.ts';
import { DAY_MS } from '../../reports/throughput.ts';
import { html, type Html } from '../../text/html.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { moduleTag, stylesheetTag } from '../asset-tags.ts';
import type { View } from './view.ts';

export const THROUGHPUT_PATH = '/overview/throughput.json';
const HOUR_MS = 3_600_000;
const SECONDS_AN_HOUR = 3_600;

/** How fast it goes over the last hour and day, as a table and as a chart, whose figures are in a table as well. */
export function renderThroughput({ overview, messages }: View): Html {
  const { throughput: texts } = messages.overview;
  const { lastHour, lastDay, waiting } = overview;
  const rows = [renderRate(texts.lastHour, lastHour, messages), renderRate(texts.lastDay, lastDay, messages)];
  const headings = [
    texts.period,
    ...numbers(
      ...[texts.stored, texts.perHour, texts.realTime, texts.failedAttempts, texts.timeLeft(waiting)],
    ),
  ];
  return html`<h2>${texts.title}</h2>
    ${renderTable(texts.title, headings, rows)} ${stylesheetTag('uplot.css')}
    <figure
      class="throughput"
      id="throughput"
      role="img"
      aria-label="${texts.chart}"
      data-source="${THROUGHPUT_PATH}"
      data-time="${texts.time}"
      data-stored="${texts.stored}"
      data-failed="${texts.failedAttempts}"
      hx-morph-skip
    ></figure>
    <details>
      <summary>${texts.asTable}</summary>
      ${renderHours(everyStep(overview.steps, overview.status.at, DAY_MS), messages)}
    </details>
    ${moduleTag('throughput.js')}`;
}

function renderRate(
  name: string,
  rate: Rate & { readonly secondsLeft: number | null },
  { format, overview: texts }: View['messages'],
): Html {
  const { secondsLeft } = rate;
  const time =
    secondsLeft === null
      ? texts.throughput.unknownTime
      : secondsLeft === 0
        ? texts.throughput.done
        : texts.duration(secondsLeft);
  return html`<tr>
    <td>${name}</td>
    <td class="number">${format.number(rate.videos)}</td>
    <td class="number">${format.decimal(rate.videosPerHour)}</td>
    <td class="number">${format.decimal(rate.realTimeFactor)}</td>
    <td class="number">${format.number(rate.failed)}</td>
    <td class="number">${time}</td>
  </tr>`;
}

function renderHours(steps: readonly Step[], messages: View['messages']): Html {
  const { format, overview } = messages;
  const { throughput: texts } = overview;
  const hours = Map.groupBy(steps, ({ at }) => Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
  const rows = [...hours].reverse().map(([hour, within]) => {
    const sum = (valueOf: (step: Step) => number) => within.reduce((total, step) => total + valueOf(step), 0);
    return html`<tr>
      <td>${renderMoment(new Date(hour), messages)}</td>
      <td class="number">${format.number(sum(({ videos }) => videos))}</td>
      <td class="number">${format.decimal(sum(({ audioSeconds }) => audioSeconds) / SECONDS_AN_HOUR)}</td>
      <td class="number">${format.number(sum(({ failed }) => failed))}</td>
    </tr>`;
  });
  const headings = [texts.hour, ...numbers(texts.stored, texts.audioHours, texts.failedAttempts)];
  return renderTable(texts.chart, headings, rows);
}

/** What the chart is drawn from: a column for each series, as uPlot takes it; times in seconds since 1970. */
export function throughputColumns(steps: readonly Step[], now: Date) {
  const all = everyStep(steps, now, DAY_MS);
  return {
    at: all.map(({ at }) => at.getTime() / 1000),
    videos: all.map(({ videos }) => videos),
    failed: all.map(({ failed }) => failed),
  };
}
