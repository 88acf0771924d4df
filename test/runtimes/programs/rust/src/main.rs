//! What the tests ask of a function in Rust, on AWS's `lambda_runtime`.
use lambda_runtime::{run, service_fn, Diagnostic, Error, LambdaEvent};
use serde_json::{json, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let (payload, context) = event.into_parts();
    match payload["do"].as_str() {
        Some("context") => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
            Ok(json!({
                "requestId": context.request_id,
                "arn": context.invoked_function_arn,
                "name": context.env_config.function_name,
                "memory": context.env_config.memory,
                "trace": context.xray_trace_id,
                "client": context.client_context,
                "remaining": context.deadline.saturating_sub(now),
            }))
        }
        Some("fail") => Err(Diagnostic {
            error_type: "Refused".into(),
            error_message: "not today".into(),
        }),
        Some("panic") => panic!("no way"),
        Some("exit") => std::process::exit(3),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Value::Null)
        }
        _ => Ok(json!({ "echo": payload })),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}
