/**
 * Works on several items at once and gives the results in the order of the items, each as soon as it is its turn; so with
 * failures, of an item as of the source.
 *
 * @param ahead how many items at most are taken and without a result that was given
 */
export async function* orderedStream<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const results: Promise<Result>[] = [];
  let next: Promise<IteratorResult<Item>> | undefined;
  let finished = false;

  const take = async (taken: Promise<IteratorResult<Item>>): Promise<void> => {
    next = undefined;
    try {
      const { done, value } = await taken;
      if (done) finished = true;
      else results.push(keepQuiet(work(value)));
    } catch (error) {
      finished = true;
      results.push(keepQuiet(Promise.reject(error)));
    }
  };

  try {
    while (!finished || results.length > 0) {
      if (!finished && results.length < ahead) next ??= keepQuiet(step(iterator));
      const [head] = results;
      // A slow source must not hold back a result that is there.
      const resultFirst =
        head !== undefined && (next === undefined || (await Promise.race([marked(head, true), marked(next, false)])));
      if (resultFirst) {
        results.shift();
        yield await head;
      } else if (next !== undefined) await take(next);
    }
  } finally {
    await Promise.allSettled(results);
    if (!finished) {
      const ended = (async () => iterator.return?.())();
      // An item that is still to come may take for ever.
      if (next === undefined) await ended;
      else keepQuiet(ended);
    }
  }
}

async function step<Item>(iterator: AsyncIterator<Item> | Iterator<Item>): Promise<IteratorResult<Item>> {
  return iterator.next();
}

/** A failure is thrown when it is its turn; until then it must not count as one that nobody handles. */
function keepQuiet<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}

function marked(promise: Promise<unknown>, mark: boolean): Promise<boolean> {
  return promise.then(
    () => mark,
    () => mark,
  );
}
