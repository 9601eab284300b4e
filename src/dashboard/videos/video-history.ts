import type { LogDocument } from '../../database/collections/log.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { SHOWN_ATTEMPTS, type LoadedVideo, type VideoJob } from './load-video.ts';

const MAX_NAME_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 2_000;

/** Every attempt of its jobs, the latest first; the message of the program is folded away. */
export function renderAttempts({ attempts, video }: LoadedVideo, messages: Messages): Html {
  const texts = messages.video.attempts;
  if (attempts.length === 0) return emptySection(texts.title, texts.none);
  const { at, stage, round, attempt, seconds, worker, outcome } = texts.columns;
  const state = video.status === 'failed' ? 'failed' : 'open';
  const table = renderSection(
    texts.title,
    [at, stage, ...numbers(round, attempt, seconds), worker, outcome],
    attempts.map(
      (row) =>
        html`<tr>
          <td>${renderMoment(row.timestamp, messages)}</td>
          <td>${messages.video.stages[row.stage]}</td>
          <td class="number">${messages.format.number(row.round)}</td>
          <td class="number">${messages.format.number(row.attempt)}</td>
          <td class="number">${messages.format.decimal(row.duration_ms / 1000)}</td>
          <td>${plainText(row.worker, MAX_NAME_LENGTH)}</td>
          <td class="text">${renderOutcome(row, state, messages)}</td>
        </tr>`,
    ),
  );
  return attempts.length < SHOWN_ATTEMPTS
    ? table
    : html`${table}
        <p>${texts.latest(SHOWN_ATTEMPTS)}</p>`;
}

function renderOutcome(row: LogDocument, state: 'open' | 'failed', messages: Messages): Html {
  const texts = messages.video.attempts;
  if (row.status === 'success') return html`${texts.success}`;
  const errorClass = row.error_class ?? 'unknown';
  return html`<strong class="bad">${errorClass}</strong>
    <p>${markedCommands(messages.advice(errorClass, state))}</p>
    ${row.error ? renderMessage(row.error, texts.raw) : undefined}`;
}

/** What the program said, folded away. */
export function renderMessage(text: string, summary: string): Html {
  return html`<details>
    <summary>${summary}</summary>
    <pre>${plainText(text, MAX_MESSAGE_LENGTH)}</pre>
  </details>`;
}

/** The jobs that Redis has now, each with its page in Bull Board. */
export function renderJobs({ jobs }: LoadedVideo, messages: Messages): Html {
  const texts = messages.video.jobs;
  if (jobs === undefined) return emptySection(texts.title, texts.unreachable);
  if (jobs.length === 0) return emptySection(texts.title, texts.none);
  return renderSection(
    texts.title,
    [texts.columns.queue, ...numbers(texts.columns.round), texts.columns.state],
    jobs.map(
      (job) =>
        html`<tr>
          <td class="text"><a href="${boardPathOf(job)}">${job.queue}</a><small>${job.id}</small></td>
          <td class="number">${messages.format.number(job.round)}</td>
          <td>${texts.states[job.state]}</td>
        </tr>`,
    ),
  );
}

function boardPathOf({ queue, id }: VideoJob): string {
  return `/queues/queue/${queue}/${encodeURIComponent(id)}`;
}

/** What people did to it, and what came of it. */
export function renderDecisions({ decisions }: LoadedVideo, messages: Messages): Html {
  const texts = messages.video.decisions;
  if (decisions.length === 0) return emptySection(texts.title, texts.none);
  const { at, who, what, result } = texts.columns;
  const operations: ReadonlyMap<string, string> = new Map(Object.entries(texts.operations));
  return renderSection(
    texts.title,
    [at, who, what, result],
    decisions.map(
      (decision) =>
        html`<tr>
          <td>${renderMoment(decision.at, messages)}</td>
          <td>${plainText(decision.user ?? texts.somebody, MAX_NAME_LENGTH)}, ${texts.vias[decision.via]}</td>
          <td>${operations.get(decision.operation) ?? plainText(decision.operation, MAX_NAME_LENGTH)}</td>
          <td class="text">${renderResult(decision.outcome, messages)}</td>
        </tr>`,
    ),
  );
}

function renderResult(outcome: string | undefined, messages: Messages): string {
  if (outcome === undefined) return messages.video.decisions.unfinished;
  const outcomes: ReadonlyMap<string, (value: number) => string> = new Map(
    Object.entries(messages.videos.outcomes),
  );
  return outcomes.get(outcome)?.(1) ?? plainText(outcome, MAX_NAME_LENGTH);
}

function emptySection(title: string, text: string): Html {
  return html`<h2>${title}</h2>
    <p>${text}</p>`;
}
