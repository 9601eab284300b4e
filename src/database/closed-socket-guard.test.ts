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

test('a command whose connection closes while it waits to be written fails as a lost connection', async () => {
  const { socket, written } = attempt(never);
  socket.emit('close');
  const error: unknown = await written.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(mongoose.mongo.MongoNetworkError);
  expect(isDatabaseUnavailable(error)).toBe(true);
  expect(socket.eventNames()).toEqual([]);
});

test('the error of a socket is told as a lost connection, any other as it is', async () => {
  const reset = Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' });
  const lost: unknown = await attempt(() => Promise.reject(reset)).written.catch((thrown: unknown) => thrown);
  expect(lost).toMatchObject({ message: 'write ECONNRESET', cause: reset });
  expect(isDatabaseUnavailable(lost)).toBe(true);
  const stopped = new Error('Stopped.');
  await expect(attempt(() => Promise.reject(stopped)).written).rejects.toBe(stopped);
});

test('what is written is left alone', async () => {
  const { socket, written } = attempt((...args) => Promise.resolve(args));
  expect(await written).toEqual(['command']);
  expect(socket.eventNames()).toEqual([]);
});
