import { html, type Html } from './html.ts';

/** What stands above a column; over numbers it stands to the right, as they do. */
export type Heading = string | { readonly number: string };

/**
 * A table that scrolls by itself where the window is too narrow, also by keyboard (WCAG 2.1.1).
 * @param label names it for those who do not see it.
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

/** Headings of columns with numbers. */
export function numbers(...headings: readonly string[]): readonly Heading[] {
  return headings.map((number) => ({ number }));
}
