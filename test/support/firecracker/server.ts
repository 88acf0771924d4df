/**
 * Firecracker's API without Firecracker: every request is held against the published description (shapes, required and
 * unknown fields, what may come before the start and what after), and answered as Firecracker answers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { faultOf } from "./check.ts";
import { effects, Fault, type Machine } from "./machine.ts";
import { type Operation, operations } from "./operations.ts";

export interface FakeFirecracker {
  server: Server;
  machine: Machine;
  /** Of requests that were answered without a fault, in their order: `PUT /drives/code`. */
  requests: { what: string; body: unknown }[];
}

export interface FakeOptions {
  id?: string;
  version?: string;
  /** After the machine has started or been loaded. */
  onRunning?(machine: Machine): void;
  /** After a snapshot could not be loaded: Firecracker ends then. */
  onBroken?(): void;
}

const MOST_BYTES = 51_200;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MOST_BYTES) throw new Fault("Request payload is larger than the limit");
  }
  return text;
}

function find(method: string, url: string): { operation: Operation; id: string | undefined } {
  for (const operation of operations) {
    if (operation.method !== method) continue;
    if (operation.id === undefined ? url === operation.path : url.startsWith(`${operation.path}/`)) {
      return { operation, id: operation.id && url.slice(operation.path.length + 1) };
    }
  }
  throw new Fault(`Invalid request method and/or path: ${method} ${url.slice(1)}.`);
}

function bodyOf({ body: name, id: field }: Operation, id: string | undefined, text: string): Record<string, unknown> {
  if (name === undefined) {
    if (text !== "") throw new Fault("GET request cannot have a body.");
    return {};
  }
  if (field !== undefined && !/^[A-Za-z0-9_]+$/.test(id ?? "")) {
    throw new Fault("API Resource IDs can only contain alphanumeric characters and underscores.");
  }
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Fault(`An error occurred when deserializing the json body of a request: ${String(error)}.`);
  }
  const fault = faultOf(body, { object: name }, name);
  if (fault !== undefined) {
    throw new Fault(`An error occurred when deserializing the json body of a request: ${fault}.`);
  }
  if (field !== undefined && body[field] !== id) {
    throw new Fault("The id from the path does not match the id from the body!");
  }
  return body;
}

export function fakeFirecracker(options: FakeOptions = {}): FakeFirecracker {
  const { id = "anonymous-instance", version = "1.16.1" } = options;
  const machine: Machine = { state: "Not started", configuration: { drives: {}, networks: {} } };
  const requests: FakeFirecracker["requests"] = [];
  let configured = false;

  async function answer(request: IncomingMessage): Promise<object | undefined> {
    const text = await textOf(request);
    const { method = "", url = "" } = request;
    const { operation, id: resource } = find(method, url);
    const body = bodyOf(operation, resource, text);
    if (url === "/version") return { firecracker_version: version };
    if (url === "/") return { id, state: machine.state, vmm_version: version, app_name: "Firecracker" };
    const started = machine.state !== "Not started";
    if (operation.when === "before" && started) {
      throw new Fault("The requested operation is not supported after starting the microVM.");
    }
    if (operation.when === "after" && !started) {
      throw new Fault("The requested operation is not supported before starting the microVM.");
    }
    if (operation.path === "/snapshot/load" && configured) {
      throw new Fault(
        "Load snapshot error: Loading a microVM snapshot not allowed after configuring boot-specific resources.",
      );
    }
    configured ||= operation.configures === true;
    try {
      effects[`${method} ${operation.path}`]?.(machine, body);
    } catch (error) {
      if (operation.path === "/snapshot/load") setImmediate(() => options.onBroken?.());
      throw error;
    }
    requests.push({ what: `${method} ${url}`, body });
    if (!started && machine.state !== "Not started") setImmediate(() => options.onRunning?.(machine));
    return undefined;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await answer(request);
      if (body === undefined) return void response.writeHead(204).end();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const text = JSON.stringify({ fault_message: error.message });
      response.writeHead(400, { "content-type": "application/json" }).end(text);
    }
  }
  return {
    server: createServer({ keepAliveTimeout: 0 }, (request, response) => void handle(request, response)),
    machine,
    requests,
  };
}
