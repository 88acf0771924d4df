/**
 * What Firecracker asks of the kernel besides what functions may. The jail's list holds for the whole process from its
 * first instruction on; Firecracker's own filters, which it sets before the guest runs, leave each of its threads far less
 * (`resources/seccomp` of its source).
 */

/** It sets its own filters with it. */
export const SYSTEM_CALLS: readonly string[] = ["seccomp"];

const kvm: Readonly<Record<string, number>> = {
  GET_API_VERSION: 0xae00,
  CREATE_VM: 0xae01,
  GET_MSR_INDEX_LIST: 0xc004ae02,
  CHECK_EXTENSION: 0xae03,
  GET_VCPU_MMAP_SIZE: 0xae04,
  GET_SUPPORTED_CPUID: 0xc008ae05,
  CREATE_VCPU: 0xae41,
  GET_DIRTY_LOG: 0x4010ae42,
  SET_USER_MEMORY_REGION: 0x4020ae46,
  SET_TSS_ADDR: 0xae47,
  CREATE_IRQCHIP: 0xae60,
  GET_IRQCHIP: 0xc208ae62,
  SET_IRQCHIP: 0x8208ae63,
  SET_GSI_ROUTING: 0x4008ae6a,
  IRQFD: 0x4020ae76,
  CREATE_PIT2: 0x4040ae77,
  IOEVENTFD: 0x4040ae79,
  SET_CLOCK: 0x4030ae7b,
  GET_CLOCK: 0x8030ae7c,
  RUN: 0xae80,
  GET_REGS: 0x8090ae81,
  SET_REGS: 0x4090ae82,
  GET_SREGS: 0x8138ae83,
  SET_SREGS: 0x4138ae84,
  GET_MSRS: 0xc008ae88,
  SET_MSRS: 0x4008ae89,
  SET_FPU: 0x41a0ae8d,
  GET_LAPIC: 0x8400ae8e,
  SET_LAPIC: 0x4400ae8f,
  SET_CPUID2: 0x4008ae90,
  GET_CPUID2: 0xc008ae91,
  GET_MP_STATE: 0x8004ae98,
  SET_MP_STATE: 0x4004ae99,
  GET_PIT2: 0x8070ae9f,
  GET_VCPU_EVENTS: 0x8040ae9f,
  SET_PIT2: 0x4070aea0,
  SET_VCPU_EVENTS: 0x4040aea0,
  GET_DEBUGREGS: 0x8080aea1,
  SET_DEBUGREGS: 0x4080aea2,
  SET_TSC_KHZ: 0xaea2,
  GET_TSC_KHZ: 0xaea3,
  ENABLE_CAP: 0x4068aea3,
  GET_XSAVE: 0x9000aea4,
  SET_XSAVE: 0x5000aea5,
  GET_XCRS: 0x8188aea6,
  SET_XCRS: 0x4188aea7,
  KVMCLOCK_CTRL: 0xaead,
  GET_XSAVE2: 0x9000aecf,
};

/** Of the TAP device: which one, the length of its headers, what the guest computes itself. */
const tun: Readonly<Record<string, number>> = {
  SETIFF: 0x400454ca,
  SETOFFLOAD: 0x400454d0,
  SETVNETHDRSZ: 0x400454d8,
};

/** Numbers of x86_64, and of arm64 where it has the same request. */
export const IOCTLS: readonly number[] = [...Object.values(kvm), ...Object.values(tun)];
