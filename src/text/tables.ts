import { html, type Html } from './html.ts';
import { visibleCharacters } from './plain-text.ts';

/** The heading of a column; a column of numbers is aligned to the right. */
export type Heading = string | { readonly number: string };

/** Headings of columns of numbers. */
export function numbers(...headings: readonly string[]): readonly Heading[] {
  return headings.map((number) => ({ number }));
}

/**
 * An HTML table that scrolls within its own box when the window is too narrow, also by keyboard (WCAG 2.1.1).
 * @param label its name for screen readers
 */
export function renderTable(label: string, headings: readonly Heading[], rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${headings.map((heading) =>
            typeof heading === 'string'
              ? html`<th>${heading}</th>`
              : html`<th class="number">${heading.number}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A heading and an HTML table of the same name. */
export function renderSection(title: string, headings: readonly Heading[], rows: readonly Html[]): Html {
  return html`<h2>${title}</h2>
    ${renderTable(title, headings, rows)}`;
}

/**
 * Aligns rows under headings, columns two spaces apart, without trailing spaces. Widths are counted in visible
 * characters.
 * @returns lines joined by newlines; only the headings when there are no rows
 */
export function formatTextTable(headings: readonly Heading[], rows: readonly (readonly string[])[]): string {
  const lines = [
    headings.map((heading) => (typeof heading === 'string' ? heading : heading.number)),
    ...rows,
  ];
  const widths = headings.map((_heading, index) =>
    Math.max(...lines.map((line) => visibleCharacters(line[index] ?? '').length)),
  );
  return lines
    .map((line) =>
      headings
        .map((heading, index) => {
          const cell = line[index] ?? '';
          const padding = ' '.repeat((widths[index] ?? 0) - visibleCharacters(cell).length);
          return typeof heading === 'string' ? cell + padding : padding + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
