/** The smallest useful function: it greets whoever the event names, and says where it ran. */
export const handler = async (event, context) => {
  const name = event?.name ?? "world";
  console.log(`greeting ${name}`);
  return {
    message: `Hello, ${name}!`,
    function: context.functionName,
    memoryMB: Number(context.memoryLimitInMB),
    node: process.version,
  };
};
