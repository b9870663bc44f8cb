/**
 * Begins a statement at once. Drizzle sends a bare one only when somebody waits for it, later than what an async function asks;
 * those begun in one transaction go to the server in the order in which they are begun, without waiting for each other's answers.
 */
export const begun = <T>(statement: PromiseLike<T>): Promise<T> => Promise.resolve(statement);
