/** Servers that a test runs in its own process, as stand-ins of outside ones: on a free port of this machine. */
import type { AddressInfo, Server, Socket } from 'node:net';

const connections = new WeakMap<Server, Set<Socket>>();

/** Opens a server of TCP or HTTP. @returns its port on 127.0.0.1. */
export async function openServer(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  connections.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  return (server.address() as AddressInfo).port;
}

/** The same, where it is asked by HTTP. @returns its address, without a slash at its end. */
export async function openHttpServer(server: Server): Promise<string> {
  return `http://127.0.0.1:${await openServer(server)}`;
}

/** Closes it at once: whoever keeps a connection, or waits for an answer, is not waited for. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  for (const socket of connections.get(server) ?? []) socket.destroy();
  await closed;
}
