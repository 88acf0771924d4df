/**
 * A system call list as the program that the kernel runs at each call (seccomp(2), linux/filter.h). On the host an OCI
 * runtime makes it; the first process of a guest has none, and is given it.
 */
import type { LinuxSeccomp, Syscall, SyscallArgument } from "../jail/oci-config.ts";

/** Numbers of the system calls of one kernel, by name. */
export type SyscallNumbers = Readonly<Record<string, number>>;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const KILL_PROCESS = 0x8000_0000;

/** struct seccomp_data: the number, the architecture, a pointer of 64 bits, six arguments of 64 bits. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const ARGUMENTS_AT = 16;

/** linux/audit.h. Calls of x32 have this architecture too, and a bit in their number. */
const AUDIT_ARCH_X86_64 = 0xc000_003e;
const X32_BIT = 0x4000_0000;
const WORD = 2 ** 32;

interface Instruction {
  code: number;
  /** How many to pass over if it is so, and if not. */
  yes?: number;
  no?: number;
  value: number;
}

function answer({ action, errnoRet = 0 }: Pick<Syscall, "action" | "errnoRet">): Instruction {
  return { code: RETURN, value: action === "SCMP_ACT_ALLOW" ? ALLOW : ERRNO | errnoRet };
}

/** Compares one half of an argument. `pass` follows when it is equal. */
function half(at: number, mask: number, value: number, pass: Instruction[]): Instruction[] {
  if (mask === 0) return pass;
  const masked = mask === WORD - 1 ? [] : [{ code: AND, value: mask }];
  return [{ code: LOAD, value: at }, ...masked, { code: JUMP_EQUAL, value, no: pass.length }, ...pass];
}

/** What stands for the whole argument: `SCMP_CMP_EQ` compares all 64 bits, the other those of a mask. */
function condition({ index, value, valueTwo = 0, op }: SyscallArgument, pass: Instruction[]): Instruction[] {
  const [mask, wanted] = op === "SCMP_CMP_EQ" ? [WORD * WORD - 1, value] : [value, valueTwo];
  const at = ARGUMENTS_AT + 8 * index;
  const high = op === "SCMP_CMP_EQ" ? WORD - 1 : Math.floor(mask / WORD);
  const low = op === "SCMP_CMP_EQ" ? WORD - 1 : mask % WORD;
  return half(at + 4, high, Math.floor(wanted / WORD), half(at, low, wanted % WORD, pass));
}

function rule(syscall: Syscall): Instruction[] {
  return (syscall.args ?? []).reduceRight<Instruction[]>(
    (pass, argument) => condition(argument, pass),
    [answer(syscall)],
  );
}

/** What is asked of each call, in the list's order; after a rule without arguments nothing more. */
function rulesByNumber(syscalls: readonly Syscall[], numbers: SyscallNumbers): Map<number, Syscall[]> {
  const found = new Map<number, Syscall[]>();
  for (const syscall of syscalls) {
    for (const name of syscall.names) {
      const number = numbers[name];
      // One that this kernel does not have.
      if (number === undefined) continue;
      found.set(number, [...(found.get(number) ?? []), syscall]);
    }
  }
  return found;
}

/** struct sock_filter for each instruction, in hex. */
export function seccompFilter(of: LinuxSeccomp, numbers: SyscallNumbers): string {
  const otherwise = answer({ action: of.defaultAction, ...(of.defaultErrnoRet && { errnoRet: of.defaultErrnoRet }) });
  const program: Instruction[] = [
    { code: LOAD, value: ARCHITECTURE_AT },
    { code: JUMP_EQUAL, value: AUDIT_ARCH_X86_64, yes: 1 },
    { code: RETURN, value: KILL_PROCESS },
    { code: LOAD, value: NUMBER_AT },
    { code: JUMP_AT_LEAST, value: X32_BIT, no: 1 },
    { code: RETURN, value: KILL_PROCESS },
  ];
  for (const [number, rules] of rulesByNumber(of.syscalls, numbers)) {
    // A jump goes 255 far at most: each rule asks for the number again.
    for (const syscall of rules) {
      const asked = rule(syscall);
      program.push({ code: LOAD, value: NUMBER_AT }, { code: JUMP_EQUAL, value: number, no: asked.length });
      program.push(...asked);
    }
  }
  program.push(otherwise);
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(({ code, yes = 0, no = 0, value }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(yes, 8 * index + 2);
    bytes.writeUInt8(no, 8 * index + 3);
    bytes.writeUInt32LE(value >>> 0, 8 * index + 4);
  });
  return bytes.toString("hex");
}
