/** A client of Temporal with the data converter that workers use: for the API, the command line and the worker itself. */
import { Client, Connection } from '@temporalio/client';
import { type Configuration, codecKeys, temporalConnectionOptions } from '../configuration.ts';
import { createDataConverter } from './codec.ts';

export interface TemporalClient {
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * Connects, or fails within ten seconds.
 * @throws Error where the server can not be reached; the message says which address was tried.
 */
export async function connectTemporal(configuration: Configuration): Promise<TemporalClient> {
  const { address, ...secured } = temporalConnectionOptions(configuration);
  try {
    const connection = await Connection.connect({ address, ...secured, connectTimeout: 10_000 });
    const client = new Client({
      connection,
      namespace: configuration.TEMPORAL_NAMESPACE,
      dataConverter: createDataConverter(codecKeys(configuration)),
    });
    return { client, close: () => connection.close() };
  } catch (error) {
    throw new Error(
      `Temporal can not be reached at ${address}: start it, or correct TEMPORAL_ADDRESS.`,
      { cause: error },
    );
  }
}
