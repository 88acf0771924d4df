/** Says when it began, and keeps its environment busy for a while. */
export const handler = async ({ holdMs }) => {
  const beganAt = Date.now();
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  return beganAt;
};
