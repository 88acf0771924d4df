/** MB at which a function has one whole vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_PER_VCPU = 1769;

/** vCPUs that a function of this memory gets: in proportion, almost 6 at the largest size. */
export function vcpusFor(memoryMB: number): number {
  return memoryMB / MB_PER_VCPU;
}
