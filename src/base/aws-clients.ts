/** Official clients of a service's endpoint, one for each account and region that ARNs name. */
import { NodeHttpHandler } from "@smithy/node-http-handler";

export interface EndpointOptions {
  /** `http[s]://host[:port]` */
  endpoint: string;
  /** Absent: those that test servers take, with the account as access key, as Kiln's own client files have them. */
  credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

export interface ClientSettings {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
  requestHandler: NodeHttpHandler;
}

/** ms */
const CONNECT_MS = 5000;
const ANSWER_MS = 30_000;

export interface Clients<C> {
  of(arn: string): C;
  close: () => void;
}

export function createClients<C extends { destroy(): void }>(
  { endpoint, credentials }: EndpointOptions,
  make: (settings: ClientSettings) => C,
): Clients<C> {
  const clients = new Map<string, C>();
  return {
    of(arn) {
      const [, , , region = "", account = ""] = arn.split(":");
      const key = `${account}/${region}`;
      const known = clients.get(key);
      if (known !== undefined) return known;
      const client = make({
        endpoint,
        region,
        // A copy: the client writes into what it is given.
        credentials: { ...(credentials ?? { accessKeyId: account, secretAccessKey: "kiln" }) },
        // Pollers repeat by themselves, later and later.
        maxAttempts: 1,
        // HTTP 1.1, which every server speaks.
        requestHandler: new NodeHttpHandler({
          connectionTimeout: CONNECT_MS,
          requestTimeout: ANSWER_MS,
          throwOnRequestTimeout: true,
        }),
      });
      clients.set(key, client);
      return client;
    },
    close() {
      for (const client of clients.values()) client.destroy();
    },
  };
}
