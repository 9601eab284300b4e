import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { isDatabaseUnavailable } from './database.ts';
import { guardedWrite, type WriteCommand } from './closed-socket-guard.ts';

const never: WriteCommand = () => Promise.withResolvers().promise;

function attempt(write: WriteCommand) {
  const socket = new EventEmitter();
  const written = Reflect.apply(guardedWrite(write), { socket }, ['command']);
  return { socket, written };
}

test('a command whose connection closes while it is being written fails as a lost connection', async () => {
  const { socket, written } = attempt(never);
  socket.emit('close');
  const error: unknown = await written.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(mongoose.mongo.MongoNetworkError);
  expect(isDatabaseUnavailable(error)).toBe(true);
  expect(socket.eventNames()).toEqual([]);
});

test('the error of a socket is reported as a lost connection, any other error unchanged', async () => {
  const reset = Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' });
  const lost: unknown = await attempt(() => Promise.reject(reset)).written.catch((thrown: unknown) => thrown);
  expect(lost).toMatchObject({ message: 'write ECONNRESET', cause: reset });
  expect(isDatabaseUnavailable(lost)).toBe(true);
  const stopped = new Error('Stopped.');
  await expect(attempt(() => Promise.reject(stopped)).written).rejects.toBe(stopped);
});

test('a command that is written is not affected', async () => {
  const { socket, written } = attempt((...args) => Promise.resolve(args));
  expect(await written).toEqual(['command']);
  expect(socket.eventNames()).toEqual([]);
});
