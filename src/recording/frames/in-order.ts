export interface InOrderLimits<I> {
  readonly atOnce: number;
  /** What an item takes of memory, and how much all that are worked on may take; one larger item is worked on alone. */
  readonly bytesOf: (item: I) => number;
  readonly bytesMax: number;
}

interface UnderWay<R> {
  readonly bytes: number;
  readonly result: Promise<R>;
}

/**
 * Works on several items at a time and gives the results in the order of the items. Where the items or the work fail, the
 * results of the items before are given first.
 */
export async function* inOrder<I, R>(
  items: AsyncIterable<I>,
  work: (item: I) => Promise<R>,
  { atOnce, bytesOf, bytesMax }: InOrderLimits<I>,
): AsyncGenerator<R> {
  const source = items[Symbol.asyncIterator]();
  const underWay: UnderWay<R>[] = [];
  let bytesUnderWay = 0;
  let failure: { readonly cause: unknown } | undefined;
  try {
    for (;;) {
      const next = await source.next().catch((cause: unknown) => ({ done: true as const, cause }));
      if (next.done === true) {
        if ('cause' in next) failure = next;
        break;
      }
      const bytes = bytesOf(next.value);
      while (underWay.length >= atOnce || (underWay.length > 0 && bytesUnderWay + bytes > bytesMax)) {
        const oldest = underWay.shift();
        if (oldest === undefined) break;
        yield await oldest.result;
        bytesUnderWay -= oldest.bytes;
      }
      const result = work(next.value);
      // It is awaited in its turn, or by nobody when an earlier one fails.
      result.catch(() => undefined);
      underWay.push({ bytes, result });
      bytesUnderWay += bytes;
    }
    for (let oldest = underWay.shift(); oldest !== undefined; oldest = underWay.shift()) yield await oldest.result;
    if (failure !== undefined) throw failure.cause;
  } finally {
    await Promise.allSettled(underWay.map(({ result }) => result));
    await source.return?.();
  }
}
