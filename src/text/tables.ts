import { fitColumns } from './column-widths.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import { html, Html } from './html.ts';
import { terminalStyle } from './terminal-style.ts';

/** The heading of a column; a column of numbers is aligned to the right. */
export type Heading = string | { readonly number: string };

/** Headings of columns of numbers. */
export function numbers(...headings: readonly string[]): readonly Heading[] {
  return headings.map((number) => ({ number }));
}

/** The begin of a cell in markup of ours: values are escaped, so it stands nowhere else. */
const CELL = /<td(?=[\s>])/g;

/**
 * An HTML table that scrolls within its own box when the window is too narrow, also by keyboard (WCAG 2.1.1). On a phone each row
 * is a card (`BASE_STYLE`), where each cell says its heading.
 * @param label its name for screen readers
 * @param rows `tr` elements with one `td` for each heading, in this order
 */
export function renderTable(label: string, headings: readonly Heading[], rows: readonly Html[]): Html {
  const labels = headings.map((heading) => html` data-label="${textOf(heading)}"`.markup);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${headings.map(
            (heading) =>
              html`<th scope="col" class="${isNumber(heading) ? 'number' : ''}">${textOf(heading)}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => withLabels(row, labels))}
      </tbody>
    </table>
  </div>`;
}

/** A row whose cells say their headings. @param labels an attribute for each cell */
function withLabels({ markup }: Html, labels: readonly string[]): Html {
  let column = 0;
  const labelled = markup.replaceAll(CELL, (cell) => {
    const label = labels[column] ?? ' data-label=""';
    column += 1;
    return cell + label;
  });
  return new Html(labelled);
}

function isNumber(heading: Heading): heading is Exclude<Heading, string> {
  return typeof heading !== 'string';
}

function textOf(heading: Heading): string {
  return isNumber(heading) ? heading.number : heading;
}

/** A heading and an HTML table of the same name. */
export function renderSection(title: string, headings: readonly Heading[], rows: readonly Html[]): Html {
  return html`<h2>${title}</h2>
    ${renderTable(title, headings, rows)}`;
}

/**
 * Aligns rows under headings, columns two spaces apart, without trailing spaces. Widths are counted in columns of a terminal;
 * where the table is shown on one (`setTerminalStyle`), texts are cut so that it fits.
 * @returns lines joined by newlines; only the headings when there are no rows
 */
export function formatTextTable(headings: readonly Heading[], rows: readonly (readonly string[])[]): string {
  const lines = [headings.map(textOf), ...rows];
  const { columns, heading: marked } = terminalStyle();
  const widths = fitColumns(
    headings.map((heading, index) => ({
      width: Math.max(...lines.map((line) => displayWidth(line[index] ?? ''))),
      isNumber: isNumber(heading),
    })),
    columns,
  );
  const [titles = '', ...texts] = lines.map((line) =>
    headings
      .map((heading, index) => {
        const width = widths[index] ?? 0;
        const cell = cutToWidth(line[index] ?? '', width);
        const padding = ' '.repeat(width - displayWidth(cell));
        return isNumber(heading) ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
  return [marked(titles), ...texts].join('\n');
}
