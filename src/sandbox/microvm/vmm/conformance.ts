/**
 * What every driver of a VMM does, whatever the program: the same cases for each, against the real program or, where that
 * is not to be had, a fake of its API.
 */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer } from "node:net";
import { test, type TestContext } from "node:test";
import type { VmmDriver, VmmProcess, VmPlan, VmSnapshot } from "./contract.ts";

/** A program that was started for a plan. */
export interface LaunchedVmm {
  process: VmmProcess;
  /** SIGKILL */
  kill(): void;
  /**
   * Resolves when the guest has done something since the call: it is alive. Rejects after the program's end.
   */
  progress(): Promise<void>;
  /** What the guest has done so far; grows while it runs, and a machine that is loaded goes on where it was saved. */
  done(): string;
}

export interface VmmHarness {
  driver: VmmDriver;
  /** With one drive that can be written to, and one that cannot. */
  plan: () => VmPlan;
  /** Places for the files of a snapshot, where the launched program can write. */
  snapshot: () => VmSnapshot;
  launch: (plan: VmPlan) => LaunchedVmm;
  /** Whether `done` of a machine can come after that of another: it has not started anew. */
  follows: (before: string, after: string) => boolean;
}

export interface VmmConformance {
  name: string;
  /** Why it is not tried on this machine. */
  skip: string | false;
  /** Leaves nothing behind after the test. */
  open: (context: TestContext) => Promise<VmmHarness>;
  /** Whether machines can be saved. */
  saves: boolean;
}

export function vmmConformance({ name, skip, open, saves }: VmmConformance): void {
  const cases: Record<string, (harness: VmmHarness) => Promise<void>> = {
    async "a machine starts, stops where it is, and goes on; twice is as once"({ driver, launch, plan }) {
      const vmm = launch(plan());
      const vm = await driver.start(vmm.process, plan());
      await vmm.progress();
      await vm.pause();
      await vm.pause();
      const { length } = vmm.done();
      await vm.resume();
      await vm.resume();
      await vmm.progress();
      assert.ok(vmm.done().length > length);
      vm.close();
      vm.close();
    },

    async "a machine that is started paused runs when it is told to"({ driver, launch, plan }) {
      const vmm = launch(plan());
      const vm = await driver.start(vmm.process, plan(), { paused: true });
      assert.equal(vmm.done(), "");
      await vm.resume();
      await vmm.progress();
      vm.close();
    },

    async "a program that ends says so to whoever waits for it"({ driver, launch, plan }) {
      const vmm = launch(plan());
      const vm = await driver.start(vmm.process, plan());
      vmm.kill();
      await assert.rejects(vm.pause(), /SIGKILL/);
      await assert.rejects(vm.resume(), /SIGKILL/);
      vm.close();
    },

    async "a program that ends before it was told anything"({ driver, launch, plan }) {
      const vmm = launch(plan());
      vmm.kill();
      await assert.rejects(driver.start(vmm.process, plan()), /SIGKILL/);
    },

    async "what is not there is refused, or ends the program"({ driver, launch, plan }) {
      const there = plan();
      const [first, ...others] = there.machine.drives;
      assert.ok(first !== undefined);
      const missing = { ...there, machine: { ...there.machine, drives: [{ ...first, path: "/missing" }, ...others] } };
      const vmm = launch(missing);
      await assert.rejects(driver.start(vmm.process, missing));
    },

    async "a program that answers nonsense without end is given up"({ driver, plan }) {
      const babble = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end("nonsense ".repeat(1_000_000));
      });
      await new Promise<void>((resolve) => babble.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = babble.address() as AddressInfo;
        const ended = new Promise<Error>(() => undefined);
        await assert.rejects(
          driver.start({ connect: async () => connect(port, "127.0.0.1"), sendState: () => undefined, ended }, plan()),
        );
      } finally {
        await new Promise((resolve) => babble.close(resolve));
      }
    },
  };
  if (saves) {
    Object.assign(cases, {
      async "a saved machine goes on, and so do others that are loaded from it"(harness: VmmHarness) {
        const { driver, launch, plan, snapshot } = harness;
        const files = snapshot();
        const saves: VmPlan = { ...plan(), savesTo: files };
        const vmm = launch(saves);
        const vm = await driver.start(vmm.process, saves);
        await vmm.progress();
        await vm.pause();
        await vm.save();
        const saved = vmm.done();
        await vm.resume();
        await vmm.progress();
        vm.close();
        vmm.kill();
        await vmm.process.ended;
        for (const paused of [false, true]) {
          const from: VmPlan = { ...plan(), from: { ...plan().from, kind: "snapshot", ...files } };
          const clone = launch(from);
          const cloned = await driver.start(clone.process, from, { paused });
          if (paused) {
            assert.equal(clone.done(), "");
            await cloned.resume();
          }
          await clone.progress();
          assert.ok(harness.follows(saved, clone.done()), `${saved} and then ${clone.done()}`);
          cloned.close();
          clone.kill();
          await clone.process.ended;
        }
      },

      async "a running machine is not saved"({ driver, launch, plan, snapshot }: VmmHarness) {
        const saves: VmPlan = { ...plan(), savesTo: snapshot() };
        const vmm = launch(saves);
        const vm = await driver.start(vmm.process, saves);
        await vmm.progress();
        await assert.rejects(vm.save());
        await vmm.progress();
        vm.close();
      },

      async "a machine that was not made for it is not saved"({ driver, launch, plan }: VmmHarness) {
        const vmm = launch(plan());
        const vm = await driver.start(vmm.process, plan());
        await vm.pause();
        await assert.rejects(vm.save(), { code: "VMM_CANNOT_SAVE" });
        vm.close();
      },

      async "a snapshot with nothing in it is refused"({ driver, launch, plan, snapshot }: VmmHarness) {
        const from: VmPlan = { ...plan(), from: { ...plan().from, kind: "snapshot", ...snapshot() } };
        await assert.rejects(driver.start(launch(from).process, from));
      },
    });
  }
  for (const [what, body] of Object.entries(cases)) {
    void test(`${name}: ${what}`, { skip }, async (context) => body(await open(context)));
  }
}
