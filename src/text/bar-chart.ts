import { html, type Html } from './html.ts';

/** `label` is the tooltip and what a screen reader reads. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

const WIDTH = 640;
const HEIGHT = 120;
const TEXT_HEIGHT = 16;
const MIN_BAR_HEIGHT = 1.5;

/** How a chart is written. */
export interface ChartTexts {
  /** What is said in place of the chart when all values are 0, by the first and the last label. */
  readonly allZero: (from: string, to: string) => string;
  readonly number: (value: number) => string;
}

/** A bar chart as inline SVG, without scripts or fonts, readable in black and white. A sentence when all values are 0. */
export function renderBarChart(title: string, bars: readonly Bar[], { allZero, number }: ChartTexts): Html {
  const [from = '–', to = '–'] = [bars[0]?.label, bars.at(-1)?.label];
  if (bars.every(({ value }) => value === 0)) return html`<p>${allZero(from, to)}</p>`;
  const highest = Math.max(...bars.map(({ value }) => value));
  const step = WIDTH / bars.length;
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${WIDTH} ${HEIGHT + 2 * TEXT_HEIGHT}"
    preserveAspectRatio="xMinYMin meet"
  >
    <title>${title}</title>
    <text x="0" y="${TEXT_HEIGHT - 4}">${number(highest)}</text>
    <line x1="0" y1="${TEXT_HEIGHT + HEIGHT}" x2="${WIDTH}" y2="${TEXT_HEIGHT + HEIGHT}" />
    ${bars.map(({ label, value }, index) => {
      // A small value must look different from 0.
      const height = value === 0 ? 0 : Math.max(MIN_BAR_HEIGHT, (value / highest) * HEIGHT);
      return html`<rect
        x="${rounded(index * step + step * 0.1)}"
        y="${rounded(TEXT_HEIGHT + HEIGHT - height)}"
        width="${rounded(step * 0.8)}"
        height="${rounded(height)}"
      >
        <title>${label}: ${number(value)}</title>
      </rect>`;
    })}
    <text x="0" y="${HEIGHT + 2 * TEXT_HEIGHT - 2}">${from}</text>
    <text x="${WIDTH}" y="${HEIGHT + 2 * TEXT_HEIGHT - 2}" text-anchor="end">${to}</text>
  </svg>`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
