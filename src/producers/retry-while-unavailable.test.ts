import { describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { OperatorError, PermanentError, TransientError } from '../domain/job-errors.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';

const { MongoBulkWriteError, MongoNetworkError, MongoServerError } = mongoose.mongo;
const never = new AbortController().signal;

/** Fails once with this error, then succeeds. */
function stepThatFailsWith(error: Error) {
  let calls = 0;
  const step = () => {
    calls += 1;
    return calls === 1 ? Promise.reject(error) : Promise.resolve('done');
  };
  return { step, calls: () => calls };
}

/** As the driver throws it when a bulk write is not completed. */
function bulkError(inside: ConstructorParameters<typeof MongoBulkWriteError>[0]): Error {
  return new MongoBulkWriteError(inside, {} as never);
}

describe('a step is retried', () => {
  test.each<[string, Error]>([
    ['Redis is unavailable', new OperatorError('redis_unavailable', 'Redis does not answer.')],
    ['an error is transient', new TransientError('network', 'No route.')],
    ['MongoDB is unavailable', new MongoNetworkError('connection closed')],
    ['MongoDB becomes unavailable in a bulk write', bulkError(new MongoNetworkError('connection closed'))],
  ])('when %s', async (_what, error) => {
    const { step, calls } = stepThatFailsWith(error);
    expect(await retryWhileUnavailable(step, never)).toBe('done');
    expect(calls()).toBe(2);
  });
});

describe('a step fails at once', () => {
  test.each<[string, Error]>([
    ['an error is permanent', new PermanentError('private', 'It is private.')],
    ['Redis is full', new OperatorError('redis_full', 'No memory.')],
    ['MongoDB refuses the command', new MongoServerError({ message: 'bad value', code: 2 })],
    ['MongoDB refuses a part of a bulk write', bulkError({ message: 'bad value', code: 2, writeErrors: [] })],
    ['the program has a bug', new TypeError('x is not a function')],
  ])('when %s', async (_what, error) => {
    const { step, calls } = stepThatFailsWith(error);
    await expect(retryWhileUnavailable(step, never)).rejects.toBe(error);
    expect(calls()).toBe(1);
  });
});

test('an abort ends the delay between two tries', async () => {
  const controller = new AbortController();
  const { step } = stepThatFailsWith(new TransientError('network', 'No route.'));
  const ended = retryWhileUnavailable(step, controller.signal);
  controller.abort();
  await expect(ended).rejects.toMatchObject({ outcome: 'interrupted' });
});
