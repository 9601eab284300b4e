import { describe, expect, test } from '@jest/globals';
import { EventChannel } from './playlist-event-channel.ts';

describe('event channel', () => {
  test('keeps the order and makes a fast producer wait', async () => {
    const channel = new EventChannel<number>(4);
    let pushed = 0;
    let most = 0;
    const producer = (async () => {
      for (let item = 0; item < 100; item += 1) {
        pushed += 1;
        await channel.push(item);
      }
      channel.end();
    })();
    const found: number[] = [];
    for await (const item of channel.read()) {
      found.push(item);
      most = Math.max(most, pushed - found.length);
      if (item % 7 === 0) await new Promise(setImmediate);
    }
    await producer;
    expect(found).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(most).toBeLessThanOrEqual(4);
  });

  test('an error comes after the last item', async () => {
    const channel = new EventChannel<number>(4);
    void channel.push(1);
    channel.end(new Error('it broke'));
    const items = channel.read();
    expect(await items.next()).toEqual({ done: false, value: 1 });
    await expect(items.next()).rejects.toThrow('it broke');
  });

  test('its end lets a waiting producer continue', async () => {
    const channel = new EventChannel<number>(1);
    const waiting = channel.push(1);
    channel.end();
    await waiting;
    expect(channel.push(2)).toBeUndefined();
  });
});
