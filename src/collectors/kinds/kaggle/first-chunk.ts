/** The same bytes, with at least `sizeBytes` of them in the first chunk, or all of them when there are fewer. */
export async function* withFirstChunkOf(
  sizeBytes: number,
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let first: Buffer[] | undefined = [];
  let gatheredBytes = 0;
  for await (const chunk of content) {
    if (first === undefined) {
      yield chunk;
      continue;
    }
    first.push(chunk);
    gatheredBytes += chunk.length;
    if (gatheredBytes >= sizeBytes) {
      yield Buffer.concat(first);
      first = undefined;
    }
  }
  if (first !== undefined && gatheredBytes > 0) yield Buffer.concat(first);
}

/** Reads the first chunk ahead; `whole` yields it again. The caller iterates over `whole` to close the content. */
export async function peekFirstChunk(
  content: AsyncIterable<Buffer>,
): Promise<{ readonly first: Buffer; readonly whole: AsyncIterable<Buffer> }> {
  const chunks = content[Symbol.asyncIterator]();
  const next = await chunks.next();
  const first = next.done === true ? Buffer.alloc(0) : next.value;
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
