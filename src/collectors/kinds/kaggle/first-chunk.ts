/**
 * Reads ahead until there are `sizeBytes`, or to the end when there are fewer. `whole` yields the same bytes, those read
 * ahead as its first chunk. The caller iterates over `whole` to close the content.
 */
export async function readAhead(content: AsyncIterable<Buffer>, sizeBytes: number) {
  const chunks = content[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let readBytes = 0;
  while (readBytes < sizeBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    read.push(next.value);
    readBytes += next.value.length;
  }
  const first = Buffer.concat(read);
  return { first, whole: continued(first, chunks) };
}

async function* continued(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
