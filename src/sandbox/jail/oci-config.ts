/** The parts of the OCI runtime specification (opencontainers/runtime-spec, `config.md`, `config-linux.md`) used here. */
export interface SyscallArgument {
  index: number;
  value: number;
  valueTwo?: number;
  op: "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";
}

export interface Syscall {
  names: string[];
  action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  errnoRet?: number;
  args?: SyscallArgument[];
}

export type Arch = "SCMP_ARCH_X86_64" | "SCMP_ARCH_AARCH64";

export interface LinuxSeccomp {
  defaultAction: "SCMP_ACT_ERRNO" | "SCMP_ACT_ALLOW";
  defaultErrnoRet?: number;
  architectures: Arch[];
  syscalls: Syscall[];
}

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

export interface IdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

export interface OciConfig {
  ociVersion: string;
  hostname: string;
  process: {
    terminal: false;
    user: { uid: number; gid: number; umask: number };
    args: string[];
    env: string[];
    cwd: string;
    capabilities: Record<"bounding" | "effective" | "inheritable" | "permitted" | "ambient", string[]>;
    oomScoreAdj: number;
    noNewPrivileges: true;
    rlimits: { type: string; soft: number; hard: number }[];
  };
  root: { path: string; readonly: boolean };
  mounts: OciMount[];
  hooks: { createContainer?: { path: string; args: string[]; timeout: number }[] };
  linux: {
    rootfsPropagation: "rslave";
    namespaces: { type: string; path?: string }[];
    uidMappings: IdMapping[];
    gidMappings: IdMapping[];
    cgroupsPath: string;
    resources: {
      devices: { allow: boolean; access: string; type?: string; major?: number; minor?: number }[];
      memory: { limit: number; swap?: number };
      cpu?: { quota: number; period: number };
      pids: { limit: number };
    };
    seccomp: LinuxSeccomp;
    maskedPaths: string[];
    readonlyPaths: string[];
  };
}
