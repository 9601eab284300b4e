import { describe, expect, test } from '@jest/globals';
import { NO_COUNTS } from '../../database/collections/run.ts';
import { LaterError, PermanentError, TransientError } from '../../domain/job-errors.ts';
import type { PartResult } from '../collector.ts';
import { evaluateRun } from './evaluate-run.ts';
import { createTally } from './run-tally.ts';

const SOURCE = {};
const OPTIONS = { reachedLimit: false };
const wrongSelector = new PermanentError('source_settings', 'It matches nothing.');
const serverError = new TransientError('server_error', 'Status 500.');
const pause = new LaterError('source_limited', 'Status 429.', { availableAt: new Date('2026-11-21') });

function tallyOf(parts: readonly PartResult[]) {
  const tally = createTally({ counts: NO_COUNTS, parts: [], reject_reasons: {}, rejects: [] });
  for (const part of parts) tally.addPart(part);
  return tally;
}

const failed = (name: string, error: Error): PartResult => ({ type: 'part', name, status: 'failed', error });
const errorOf = (...errors: readonly Error[]) => {
  const tally = tallyOf(errors.map((error, index) => failed(String(index), error)));
  const evaluation = evaluateRun(tally, SOURCE, OPTIONS);
  return evaluation.status === 'failed' ? evaluation.error : undefined;
};

describe('a run of which all parts failed', () => {
  test('fails with the error that a retry may help, wherever it stands among others', () => {
    expect(errorOf(wrongSelector, serverError)).toMatchObject({
      outcome: 'transient',
      errorClass: 'server_error',
    });
    expect(errorOf(serverError, wrongSelector)).toMatchObject({ outcome: 'transient' });
    expect(errorOf(wrongSelector, pause, wrongSelector)).toMatchObject({
      outcome: 'later',
      availableAt: new Date('2026-11-21'),
    });
  });

  test('is not retried when all settings are wrong', () => {
    expect(errorOf(wrongSelector, wrongSelector)).toMatchObject({
      outcome: 'permanent',
      errorClass: 'source_settings',
      message: expect.stringContaining('It matches nothing.'),
    });
  });

  test('knows the errors of an earlier attempt by their record', () => {
    const { parts } = tallyOf([failed('a', serverError)]);
    const tally = createTally({ counts: NO_COUNTS, parts, reject_reasons: {}, rejects: [] });
    tally.addPart(failed('b', wrongSelector));
    expect(evaluateRun(tally, SOURCE, OPTIONS)).toMatchObject({ error: { outcome: 'transient' } });
  });
});

test('documents without a readable date are counted in the note of a success', () => {
  const tally = tallyOf([{ type: 'part', name: 'a', status: 'success' }]);
  for (const text of ['03/04/2026', '05/06/2026']) tally.countDateProblem({ reason: 'ambiguous_date', text });
  tally.countDateProblem({ reason: 'no_date', text: '' });
  const note = '3 items without a readable date (ambiguous_date 2, such as “03/04/2026”; no_date 1)';
  expect(evaluateRun(tally, SOURCE, OPTIONS)).toEqual({ status: 'success', note, isFresh: true });
  // Another attempt goes on counting.
  const next = createTally(tally.snapshot());
  next.countDateProblem({ reason: 'no_date', text: '' });
  expect(next.snapshot().date_problems).toEqual([
    { reason: 'ambiguous_date', count: 2, example: '03/04/2026' },
    { reason: 'no_date', count: 2, example: '' },
  ]);
});
