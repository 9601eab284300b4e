import { html, type Html } from '../../text/html.ts';
import { moduleTag } from '../asset-tags.ts';
import type { View } from './view.ts';

/** On an empty archive: a form that takes playlists, and what happens then. */
export function renderFirstRun({ canChange, messages }: View): Html {
  const { firstRun: texts } = messages.overview;
  return html`<section class="first-run">
    <h2>${texts.title}</h2>
    <p>${canChange ? texts.intro : texts.viewer}</p>
    ${
      canChange
        ? html`<form
              class="add"
              method="post"
              action="/playlists"
              id="first-run"
              hx-morph-skip
              data-too-large="${texts.tooLarge}"
            >
              <label>
                ${texts.lines}
                <textarea name="lines" rows="4" required></textarea>
              </label>
              <label class="file" hidden>
                ${texts.file}
                <input type="file" accept=".txt,text/plain" />
              </label>
              <p class="problem" role="alert"></p>
              <button>${texts.add}</button>
            </form>
            ${moduleTag('playlist-file.js')}`
        : undefined
    }
    <h3>${texts.next}</h3>
    <ol>
      ${texts.steps.map((step) => html`<li>${step}</li>`)}
    </ol>
  </section>`;
}
