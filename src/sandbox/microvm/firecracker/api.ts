/** Firecracker's API, one function a request. Each rejects as `FirecrackerHttp.call` does. */
import { KilnError } from "../../../base/errors.ts";
import type { FirecrackerHttp } from "./http.ts";
import type {
  Balloon,
  BootSource,
  Drive,
  InstanceInfo,
  Logger,
  MachineConfiguration,
  Metrics,
  NetworkInterface,
  RateLimiter,
  Serial,
  SnapshotCreate,
  SnapshotLoad,
  Vsock,
} from "./shapes.ts";

/** A snapshot writes or reads the guest's whole memory. */
const SNAPSHOT_TIMEOUT_MS = 120_000;
/** The kernel is read and placed, and the vCPUs are made. */
const START_TIMEOUT_MS = 30_000;

export interface FirecrackerApi {
  version(): Promise<string>;
  instance(): Promise<InstanceInfo>;

  // Before the start.
  setLogger(logger: Logger): Promise<void>;
  setMetrics(metrics: Metrics): Promise<void>;
  setMachine(machine: MachineConfiguration): Promise<void>;
  setBootSource(source: BootSource): Promise<void>;
  setDrive(drive: Drive): Promise<void>;
  setNetwork(device: NetworkInterface): Promise<void>;
  setVsock(vsock: Vsock): Promise<void>;
  setEntropy(rateLimiter?: RateLimiter): Promise<void>;
  setSerial(serial: Serial): Promise<void>;
  setBalloon(balloon: Balloon): Promise<void>;
  start(): Promise<void>;
  /** In place of all of the above but logger and metrics. A VMM that fails at it ends. */
  loadSnapshot(snapshot: SnapshotLoad): Promise<void>;

  // After it.
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** While paused. */
  createSnapshot(snapshot: SnapshotCreate): Promise<void>;
  /** Another file behind a drive, which the guest is told of as a change of its size. */
  changeDrive(drive: Pick<Drive, "drive_id"> & Partial<Pick<Drive, "path_on_host" | "rate_limiter">>): Promise<void>;
  limitNetwork(device: Pick<NetworkInterface, "iface_id" | "rx_rate_limiter" | "tx_rate_limiter">): Promise<void>;
  changeBalloon(amountMib: number): Promise<void>;
  flushMetrics(): Promise<void>;
  /** Asks an x86_64 guest to end itself. */
  sendCtrlAltDel(): Promise<void>;
}

function textIn(answer: unknown, name: string): string {
  if (typeof answer === "object" && answer !== null) {
    const value: unknown = Reflect.get(answer, name);
    if (typeof value === "string") return value;
  }
  throw new KilnError("FIRECRACKER_FAILED", `an answer without ${name}`);
}

const STATES: readonly InstanceInfo["state"][] = ["Not started", "Running", "Paused"];

function instanceInfo(answer: unknown): InstanceInfo {
  const state = STATES.find((known) => known === textIn(answer, "state"));
  if (state === undefined) throw new KilnError("FIRECRACKER_FAILED", "an answer with an unknown state");
  return {
    state,
    app_name: textIn(answer, "app_name"),
    id: textIn(answer, "id"),
    vmm_version: textIn(answer, "vmm_version"),
  };
}

export function firecrackerApi(http: Pick<FirecrackerHttp, "call">): FirecrackerApi {
  const put = async (path: string, body: object, timeoutMs?: number): Promise<void> => {
    await http.call("PUT", path, body, timeoutMs);
  };
  const patch = async (path: string, body: object): Promise<void> => {
    await http.call("PATCH", path, body);
  };
  return {
    version: async () => textIn(await http.call("GET", "/version"), "firecracker_version"),
    instance: async () => instanceInfo(await http.call("GET", "/")),

    setLogger: (logger) => put("/logger", logger),
    setMetrics: (metrics) => put("/metrics", metrics),
    setMachine: (machine) => put("/machine-config", machine),
    setBootSource: (source) => put("/boot-source", source),
    setDrive: (drive) => put(`/drives/${drive.drive_id}`, drive),
    setNetwork: (device) => put(`/network-interfaces/${device.iface_id}`, device),
    setVsock: (vsock) => put("/vsock", vsock),
    setEntropy: (rateLimiter) => put("/entropy", rateLimiter === undefined ? {} : { rate_limiter: rateLimiter }),
    setSerial: (serial) => put("/serial", serial),
    setBalloon: (balloon) => put("/balloon", balloon),
    start: () => put("/actions", { action_type: "InstanceStart" }, START_TIMEOUT_MS),
    loadSnapshot: (snapshot) => put("/snapshot/load", snapshot, SNAPSHOT_TIMEOUT_MS),

    pause: () => patch("/vm", { state: "Paused" }),
    resume: () => patch("/vm", { state: "Resumed" }),
    createSnapshot: (snapshot) => put("/snapshot/create", snapshot, SNAPSHOT_TIMEOUT_MS),
    changeDrive: (drive) => patch(`/drives/${drive.drive_id}`, drive),
    limitNetwork: (device) => patch(`/network-interfaces/${device.iface_id}`, device),
    changeBalloon: (amountMib) => patch("/balloon", { amount_mib: amountMib }),
    flushMetrics: () => put("/actions", { action_type: "FlushMetrics" }),
    sendCtrlAltDel: () => put("/actions", { action_type: "SendCtrlAltDel" }),
  };
}
