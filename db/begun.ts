/**
 * Begins a statement at once. Drizzle begins a bare one only when somebody waits for it, which is later than what an async
 * function or {@link worded} asks; those begun in one transaction go to the server in the order in which they are begun, without
 * waiting for one another's answers.
 */
export const begun = <T>(statement: PromiseLike<T>): Promise<T> =>
  new Promise((done, fail) => {
    statement.then(done, fail);
  });
