/** Takes tasks one after the other, so that reading a stored value and writing it back is one step. */
export function turns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const done = last.then(task);
    last = done.catch(() => undefined); // the caller hears of the failure; the next in line goes on
    return done;
  };
}
