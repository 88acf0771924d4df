// What the tests ask of a function in Go, on AWS's aws-lambda-go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type refused struct{ why string }

func (r *refused) Error() string { return r.why }

type event struct {
	Do string `json:"do"`
}

func handler(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	switch e.Do {
	case "context":
		about, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"requestId": about.AwsRequestID,
			"arn":       about.InvokedFunctionArn,
			"name":      lambdacontext.FunctionName,
			"memory":    lambdacontext.MemoryLimitInMB,
			"client":    about.ClientContext.Custom["a"],
			"cognito":   about.Identity.CognitoIdentityID,
			"trace":     ctx.Value("x-amzn-trace-id"),
			"remaining": time.Until(deadline).Milliseconds(),
		}, nil
	case "environment":
		directory, _ := os.Getwd()
		return map[string]any{"environment": os.Environ(), "directory": directory, "arguments": os.Args}, nil
	case "fail":
		return nil, &refused{"not today"}
	case "plain":
		return nil, errors.New("plain words")
	case "panic":
		panic("no way")
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	}
	return map[string]any{"echo": raw}, nil
}

func main() {
	if os.Getenv("PANIC") != "" {
		panic("not even this far")
	}
	lambda.Start(handler)
}
