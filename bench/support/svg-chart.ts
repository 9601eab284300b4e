import { html, type Html } from '../../src/text/html.ts';
import type { Chart } from './bench-report.ts';

const WIDTH = 760;
const LABEL_WIDTH = 260;
const VALUE_WIDTH = 150;
const VALUES_AT = WIDTH - VALUE_WIDTH + 8;
const ROW = 26;
const BAR = 16;
const TOP = 34;
const BOTTOM = 26;
const CHARACTERS = 40;

/** Both on a ground of their own, since a picture does not know the page that shows it. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .ground { fill: #fff } .bar { fill: #3b72b8 } .spread { stroke: #1f2328 } .mark { stroke: #b3541e } .said { fill: #b3541e }
  .title { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ground { fill: #0d1117 } .bar { fill: #5b93d6 } .spread { stroke: #e6edf3 }
    .mark { stroke: #f0883e } .said { fill: #f0883e }
  }`;

/**
 * Horizontal bars of medians, each with a line from its least to its most, as a file of its own without scripts and fonts. The
 * values stand beside the bars, so that colours and lengths say nothing alone.
 */
export function renderSvgChart({ title, unit, digits, bars, mark }: Chart): string {
  const height = TOP + bars.length * ROW + BOTTOM;
  const most = Math.max(...bars.map(({ max }) => max), mark?.value ?? 0, Number.MIN_VALUE);
  const scale = (value: number) => rounded((value / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH));
  const at = (value: number) => LABEL_WIDTH + scale(value);
  const shown = (value: number) => value.toFixed(digits);
  const chart = html`<svg
    xmlns="http://www.w3.org/2000/svg"
    role="img"
    aria-labelledby="title"
    viewBox="0 0 ${WIDTH} ${height}"
    width="${WIDTH}"
  >
    <title id="title">${title}, ${unit}</title>
    <style>
      ${STYLE}
    </style>
    <rect class="ground" width="${WIDTH}" height="${height}" />
    <text class="title" x="8" y="20">${title}, ${unit}</text>
    ${bars.map(({ label, median, min, max }, index): Html => {
      const middle = TOP + index * ROW + ROW / 2;
      return html`<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${cut(label)}</text>
        <rect
          class="bar"
          x="${LABEL_WIDTH}"
          y="${middle - BAR / 2}"
          width="${scale(median)}"
          height="${BAR}"
        />
        ${min === max ? undefined : html`<line class="spread" x1="${at(min)}" y1="${middle}" x2="${at(max)}" y2="${middle}" />`}
        <text x="${VALUES_AT}" y="${middle + 4}"
          >${shown(median)}${min === max ? '' : ` (${shown(min)}–${shown(max)})`}</text
        > `;
    })}
    ${
      mark === undefined
        ? undefined
        : html`<line
              class="mark"
              x1="${at(mark.value)}"
              y1="${TOP}"
              x2="${at(mark.value)}"
              y2="${height - BOTTOM}"
            />
            <text class="said" x="${at(mark.value)}" y="${height - 8}" text-anchor="middle"
              >${mark.label}</text
            >`
    }
  </svg> `;
  return chart.markup.replaceAll(/\n\s*\n/g, '\n');
}

function cut(label: string): string {
  return label.length <= CHARACTERS ? label : `${label.slice(0, CHARACTERS - 1)}…`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
