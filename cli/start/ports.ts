/** Ports on 127.0.0.1: the usual one where it is free, the one of last time before that, any free one otherwise. */
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** Whether something answers on the port. */
export function isListening(port: number, host = HOST, limitMs = 1_000): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host });
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(limitMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function bindable(port: number): Promise<number | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(null));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : null));
    });
  });
}

/** Whether we could listen on the port. Asks both ways: some systems let two bind to one port. */
export async function isFree(port: number): Promise<boolean> {
  return !(await isListening(port)) && (await bindable(port)) !== null;
}

/** A port that nobody uses, chosen by the operating system. */
export async function anyFreePort(): Promise<number> {
  const port = await bindable(0);
  if (port === null) throw new Error('The operating system gave no free port on 127.0.0.1.');
  return port;
}

/** The first free one of the wishes, else any; never one of `taken`. */
export async function choosePort(
  wishes: readonly number[],
  taken: ReadonlySet<number>,
): Promise<number> {
  for (const wish of wishes) if (!taken.has(wish) && (await isFree(wish))) return wish;
  for (;;) {
    const port = await anyFreePort();
    if (!taken.has(port)) return port;
  }
}
