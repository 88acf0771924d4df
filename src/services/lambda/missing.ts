/** The operations of the Lambda API that are not built, and why. */
const durable = "there is no durable execution";
const capacity = "functions run on demand only: there are no capacity providers";

export const lambdaMissing: Readonly<Record<string, string>> = {
  CheckpointDurableExecution: durable,
  CreateCapacityProvider: capacity,
  DeleteCapacityProvider: capacity,
  GetCapacityProvider: capacity,
  GetDurableExecution: durable,
  GetDurableExecutionHistory: durable,
  GetDurableExecutionState: durable,
  GetFunctionScalingConfig: capacity,
  ListCapacityProviders: capacity,
  ListDurableExecutionsByFunction: durable,
  ListFunctionVersionsByCapacityProvider: capacity,
  PutFunctionScalingConfig: capacity,
  SendDurableExecutionCallbackFailure: durable,
  SendDurableExecutionCallbackHeartbeat: durable,
  SendDurableExecutionCallbackSuccess: durable,
  StopDurableExecution: durable,
  UpdateCapacityProvider: capacity,
};
