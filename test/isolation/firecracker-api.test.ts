/**
 * Firecracker's API, as the driver uses it: the same requests to the fake and to the real program, which have to agree about what
 * is taken and what is refused. So the fake is held against the real one wherever there is one.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type FirecrackerApi, firecrackerApi } from "../../src/sandbox/microvm/firecracker/api.ts";
import { type FirecrackerHttp, openFirecracker } from "../../src/sandbox/microvm/firecracker/http.ts";
import { type Kind, kinds } from "../support/firecracker/start.ts";
import { tinyKernel } from "../support/vmm/tiny-kernel.ts";

interface Opened {
  dir: string;
  http: FirecrackerHttp;
  api: FirecrackerApi;
}

async function open(kind: Kind, context: TestContext): Promise<Opened> {
  const started = await kind.start(context);
  const http = openFirecracker(await started.connect());
  context.after(() => http.close());
  writeFileSync(join(started.dir, "kernel"), tinyKernel());
  writeFileSync(join(started.dir, "disk"), Buffer.alloc(1024 * 1024));
  mkdirSync(join(started.dir, "folder"));
  return { dir: started.dir, http, api: firecrackerApi(http) };
}

const limit = { bandwidth: { size: 1000, refill_time: 100, one_time_burst: 10 }, ops: { size: 5, refill_time: 10 } };

/** Requests before the start, of each kind that Kiln makes. */
const taken: readonly (readonly [string, (opened: Opened) => Promise<unknown>])[] = [
  ["logger", ({ api }) => api.setLogger({ level: "Off", show_level: true })],
  ["metrics", ({ api, dir }) => api.setMetrics({ metrics_path: join(dir, "metrics") })],
  ["serial", ({ api, dir }) => api.setSerial({ serial_out_path: join(dir, "serial") })],
  ["machine", ({ api }) => api.setMachine({ vcpu_count: 2, mem_size_mib: 128, track_dirty_pages: false })],
  ["boot source", ({ api, dir }) => api.setBootSource({ kernel_image_path: join(dir, "kernel"), boot_args: "quiet" })],
  ["drive", ({ api, dir }) => api.setDrive(driveIn(dir))],
  ["limited drive", ({ api, dir }) => api.setDrive({ ...driveIn(dir), drive_id: "b", rate_limiter: limit })],
  ["network", ({ api }) => api.setNetwork({ iface_id: "net0", host_dev_name: "tap0", guest_mac: "02:00:00:00:00:01" })],
  [
    "limited network",
    ({ api }) =>
      api.setNetwork({ iface_id: "net1", host_dev_name: "tap1", rx_rate_limiter: limit, tx_rate_limiter: limit }),
  ],
  ["entropy", ({ api }) => api.setEntropy()],
  ["limited entropy", ({ api }) => api.setEntropy(limit)],
  ["vsock", ({ api, dir }) => api.setVsock({ guest_cid: 3, uds_path: join(dir, "vsock") })],
  ["balloon", ({ api }) => api.setBalloon({ amount_mib: 0, deflate_on_oom: true, free_page_reporting: true })],
];

function driveIn(dir: string) {
  return { drive_id: "a", path_on_host: join(dir, "disk"), is_root_device: false, is_read_only: true };
}

const refused: readonly (readonly [string, (opened: Opened) => Promise<unknown>, RegExp])[] = [
  ["a path that is none", ({ http }) => http.call("PUT", "/bogus", {}), /Invalid request method and\/or path/],
  [
    "a missing field",
    ({ http }) => http.call("PUT", "/machine-config", { vcpu_count: 1 }),
    /missing field `mem_size_mib`/,
  ],
  [
    "an unknown field",
    ({ http }) => http.call("PUT", "/machine-config", { vcpu_count: 1, mem_size_mib: 1, more: 1 }),
    /unknown field `more`/,
  ],
  [
    "a number as text",
    ({ http }) => http.call("PUT", "/balloon", { amount_mib: "1", deflate_on_oom: true }),
    /json body/,
  ],
  ["33 vCPUs", ({ api }) => api.setMachine({ vcpu_count: 33, mem_size_mib: 128 }), /./],
  [
    "an unknown variant",
    ({ http, dir }) => http.call("PUT", "/drives/a", { ...driveIn(dir), io_engine: "Fast" }),
    /unknown variant/,
  ],
  ["another id in the path", ({ http, dir }) => http.call("PUT", "/drives/b", driveIn(dir)), /does not match/],
  ["an id with a dash", ({ api, dir }) => api.setDrive({ ...driveIn(dir), drive_id: "a-b" }), /alphanumeric/],
  [
    "a kernel that is not there",
    ({ api }) => api.setBootSource({ kernel_image_path: "/no/kernel" }),
    /cannot be opened/,
  ],
  ["a drive that is not there", ({ api, dir }) => api.setDrive({ ...driveIn(dir), path_on_host: "/no/disk" }), /./],
  [
    "a limit without a time",
    ({ http }) => http.call("PUT", "/entropy", { rate_limiter: { ops: { size: 1 } } }),
    /refill_time/,
  ],
  ["pause before the start", ({ api }) => api.pause(), /not supported before starting/],
  ["metrics before the start", ({ api }) => api.flushMetrics(), /not supported before starting/],
  [
    "a snapshot before the start",
    ({ api }) => api.createSnapshot({ snapshot_type: "Full", snapshot_path: "/s", mem_file_path: "/m" }),
    /not supported before starting/,
  ],
  [
    "a changed drive before the start",
    ({ api }) => api.changeDrive({ drive_id: "a" }),
    /not supported before starting/,
  ],
  ["a start without a kernel", ({ api }) => api.start(), /without kernel configuration/],
  [
    "a snapshot for a machine that was configured",
    async ({ api }) => {
      await api.setMachine({ vcpu_count: 1, mem_size_mib: 128 });
      await api.loadSnapshot({
        snapshot_path: "/s",
        mem_backend: { backend_type: "File", backend_path: "/m" },
        track_dirty_pages: false,
        resume_vm: true,
      });
    },
    /not allowed after configuring/,
  ],
];

for (const kind of kinds) {
  test(`${kind.name} takes the requests of the driver`, { skip: kind.skip }, async (context) => {
    const opened = await open(kind, context);
    for (const [what, request] of taken) {
      await assert.doesNotReject(request(opened), what);
    }
    assert.match(await opened.api.version(), /^1\.\d+\.\d+$/);
    assert.equal((await opened.api.instance()).state, "Not started");
  });

  test(`${kind.name} refuses what its description does not allow`, { skip: kind.skip }, async (context) => {
    const opened = await open(kind, context);
    for (const [what, request, message] of refused) {
      await assert.rejects(request(opened), (error: Error & { code: string }) => {
        assert.equal(error.code, "FIRECRACKER_REFUSED", what);
        assert.match(error.message, message, what);
        return true;
      });
    }
  });
}
