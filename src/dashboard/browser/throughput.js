/** Draws the throughput of the last day with uPlot. The same figures stand in a table below it. */
import uPlot from 'uplot';

const HEIGHT = 160;
const { lang } = document.documentElement;
const { format: numberOf } = new Intl.NumberFormat(lang);
const hours = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** @param {number | null} seconds since 1970 */
const hourOf = (seconds) => (seconds === null ? '' : hours.format(seconds * 1_000));

/** @param {HTMLElement} figure */
function start(figure) {
  /** @type {uPlot | undefined} */
  let chart;

  /** @param {string} name of a colour of the page */
  const colour = (name) => getComputedStyle(figure).getPropertyValue(name);

  /** @param {uPlot.AlignedData} data */
  function draw(data) {
    chart?.destroy();
    const axis = { stroke: colour('--faint'), grid: { stroke: colour('--line'), width: 1 } };
    const bars = uPlot.paths.bars?.({ size: [0.8, 20] });
    chart = new uPlot(
      {
        width: Math.max(figure.clientWidth, 200),
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_chart, _low, high) => [0, Math.max(high ?? 0, 1)] } },
        axes: [
          { ...axis, values: (_chart, times) => times.map(hourOf) },
          {
            ...axis,
            size: 45,
            values: (_chart, counts) => counts.map((count) => (count === null ? '' : numberOf(count))),
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000],
          },
        ],
        series: [
          { label: figure.dataset['time'] ?? '', value: (_chart, time) => hourOf(time) },
          {
            label: figure.dataset['stored'] ?? '',
            fill: colour('--accent'),
            stroke: colour('--accent'),
            ...(bars && { paths: bars }),
          },
          { label: figure.dataset['failed'] ?? '', stroke: colour('--bad'), width: 2 },
        ],
      },
      data,
      figure,
    );
  }

  async function read() {
    const response = await fetch(figure.dataset['source'] ?? '').catch(() => undefined);
    // What is wrong is said by the page itself.
    if (!response?.ok) return;
    const { at, videos, failed } = await response.json();
    const data = /** @type {uPlot.AlignedData} */ ([at, videos, failed]);
    if (chart === undefined) draw(data);
    else chart.setData(data);
  }

  new ResizeObserver(() =>
    chart?.setSize({ width: Math.max(figure.clientWidth, 200), height: HEIGHT }),
  ).observe(figure);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (chart !== undefined) draw(chart.data);
  });
  document.body.addEventListener('live', () => void read());
  void read();
}

const figure = document.getElementById('throughput');
if (figure !== null) start(figure);
