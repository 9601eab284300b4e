import { AUDIO_PROFILES } from '../../domain/audio.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import type { FieldProblem, SettingsField, SettingsForm } from './settings-form.ts';

interface SettingsView {
  /** Where the form is sent. */
  readonly path: string;
  readonly form: SettingsForm;
  readonly problems: readonly FieldProblem[];
  readonly canChange: boolean;
  /** The values contradict what another person has set meanwhile. */
  readonly isContradictory: boolean;
}

/** The settings of a playlist as a form; a viewer sees them, and cannot change them. */
export function renderSettings(view: SettingsView, messages: Messages): Html {
  const { path, form, problems, canChange, isContradictory } = view;
  const { settings: texts } = messages.playlists;
  const problemOf = (name: SettingsField) => problems.find((problem) => problem.field === name);
  const marks = (name: SettingsField) =>
    problemOf(name) === undefined
      ? undefined
      : html`aria-invalid="true" aria-describedby="settings-problems"`;
  const input = (name: SettingsField, label: string, type: string, more?: Html) =>
    html`<label
      >${label} <input type="${type}" name="${name}" value="${form[name]}" ${more} ${marks(name)}
    /></label>`;
  const lines = (name: SettingsField, label: string) =>
    html`<label
      >${label} <textarea name="${name}" rows="2" spellcheck="false" ${marks(name)}>${form[name]}</textarea>
    </label>`;
  const choice = (name: SettingsField, label: string, options: readonly (readonly [string, string])[]) =>
    html`<label
      >${label}
      <select name="${name}" ${marks(name)}>
        ${[['', texts.asConfigured] as const, ...options].map(
          ([value, text]) =>
            html`<option value="${value}" ${value === form[name] ? html`selected` : undefined}>
              ${text}
            </option>`,
        )}
      </select>
    </label>`;
  const yesOrNo = [
    ['keep', texts.keep],
    ['skip', texts.skip],
  ] as const;
  return html`<section id="settings" aria-labelledby="settings-title">
    <h2 id="settings-title">${texts.title}</h2>
    <p class="faint">${texts.hint}</p>
    ${renderProblems(problems, isContradictory, messages)}
    <form method="post" action="${path}">
      <fieldset class="settings" ${canChange ? undefined : html`disabled`}>
        ${lines('titleInclude', texts.titleInclude)} ${lines('titleExclude', texts.titleExclude)}
        <p class="faint">${texts.patternsHint}</p>
        <div class="filters">
          ${input('minDuration', texts.minDuration, 'text', html`inputmode="decimal"`)}
          ${input('maxDuration', texts.maxDuration, 'text', html`inputmode="decimal"`)}
          ${input('publishedAfter', texts.publishedAfter, 'date')}
          ${input('publishedBefore', texts.publishedBefore, 'date')} ${choice('live', texts.live, yesOrNo)}
          ${choice('shorts', texts.shorts, yesOrNo)}
          ${choice(
            'profile',
            texts.profile,
            AUDIO_PROFILES.map((name) => [name, texts.profiles[name]] as const),
          )}
          ${input('priority', texts.priority, 'text', html`inputmode="numeric"`)}
          ${input('language', texts.language, 'text', html`maxlength="40" spellcheck="false"`)}
        </div>
        <p class="faint">${texts.languageHint}</p>
        ${canChange ? html`<button>${texts.submit}</button>` : undefined}
      </fieldset>
    </form>
  </section>`;
}

function renderProblems(
  problems: readonly FieldProblem[],
  isContradictory: boolean,
  { playlists: { settings: texts } }: Messages,
): Html | undefined {
  if (problems.length === 0 && !isContradictory) return undefined;
  return html`<div id="settings-problems" class="problem" role="alert">
    <p>${texts.problems}</p>
    <ul>
      ${problems.map(({ field, reason }) => html`<li>${texts.problem(texts[field], reason)}</li>`)}
      ${isContradictory ? html`<li>${texts.contradictory}</li>` : undefined}
    </ul>
  </div>`;
}
