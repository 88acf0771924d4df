// Life of a function through the AWS SDK for Go, as the environment points it: AWS_ENDPOINT_URL, AWS_REGION and keys.
// Usage: kiln-sdk-test NAME ZIP. Prints what it saw as one line of JSON.
// With the one word "sign" it signs the requests on its input instead.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func main() {
	var seen any
	var err error
	if len(os.Args) == 2 && os.Args[1] == "sign" {
		seen, err = sign(context.Background(), os.Stdin)
	} else {
		seen, err = life(context.Background(), os.Args[1], os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		os.Exit(1)
	}
}

func life(ctx context.Context, name, archive string) (map[string]any, error) {
	code, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := lambda.NewFromConfig(settings)
	seen := map[string]any{}

	created, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &name,
		Runtime:      types.Runtime("nodejs24.x"),
		Handler:      aws.String("index.handler"),
		Role:         aws.String("arn:aws:iam::000000000000:role/test"),
		Code:         &types.FunctionCode{ZipFile: code},
	})
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	seen["arn"] = *created.FunctionArn
	seen["state"] = string(created.State)

	quick := func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second }
	if err := lambda.NewFunctionActiveV2Waiter(client, quick).Wait(ctx, &lambda.GetFunctionInput{FunctionName: &name}, time.Minute); err != nil {
		return nil, fmt.Errorf("wait: %w", err)
	}

	published, err := client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: &name})
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	seen["version"] = *published.Version

	alias, err := client.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: &name, Name: aws.String("live"), FunctionVersion: published.Version})
	if err != nil {
		return nil, fmt.Errorf("alias: %w", err)
	}
	seen["alias"] = *alias.AliasArn

	called, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Qualifier: aws.String("live"), Payload: []byte(`{"a":40,"b":2}`)})
	if err != nil {
		return nil, fmt.Errorf("invoke: %w", err)
	}
	seen["executed"] = aws.ToString(called.ExecutedVersion)
	seen["answer"] = json.RawMessage(called.Payload)

	count := 0
	pages := lambda.NewListFunctionsPaginator(client, &lambda.ListFunctionsInput{MaxItems: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
		for _, each := range page.Functions {
			if *each.FunctionName == name {
				count++
			}
		}
	}
	seen["listed"] = count

	if _, err := client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name}); err != nil {
		return nil, fmt.Errorf("delete: %w", err)
	}
	_, err = client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		return nil, fmt.Errorf("after the deletion: %v", err)
	}
	seen["gone"] = missing.ErrorMessage()
	return seen, nil
}
