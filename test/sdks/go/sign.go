package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

type asked struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
	Requests        []struct {
		Method  string      `json:"method"`
		URL     string      `json:"url"`
		Headers [][2]string `json:"headers"`
		Body    []byte      `json:"body"`
		Presign bool        `json:"presign"`
	} `json:"requests"`
}

type signed struct {
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers"`
}

// sign reads a list of requests as JSON, signs them with the SDK's own signer, and answers with what would be sent.
func sign(ctx context.Context, input io.Reader) ([]signed, error) {
	var wanted asked
	if err := json.NewDecoder(input).Decode(&wanted); err != nil {
		return nil, err
	}
	keys := aws.Credentials{
		AccessKeyID: wanted.AccessKeyID, SecretAccessKey: wanted.SecretAccessKey, SessionToken: wanted.SessionToken,
	}
	signer := v4.NewSigner()
	answers := []signed{}
	for _, one := range wanted.Requests {
		request, err := http.NewRequestWithContext(ctx, one.Method, one.URL, bytes.NewReader(one.Body))
		if err != nil {
			return nil, err
		}
		for _, header := range one.Headers {
			request.Header.Set(header[0], header[1])
		}
		sum := sha256.Sum256(one.Body)
		hash := hex.EncodeToString(sum[:])
		answer := signed{}
		if one.Presign {
			query := request.URL.Query()
			query.Set("X-Amz-Expires", "900")
			request.URL.RawQuery = query.Encode()
			url, headers, err := signer.PresignHTTP(ctx, keys, request, hash, "lambda", "eu-central-1", time.Now())
			if err != nil {
				return nil, err
			}
			request.Header = headers
			answer.URL = url
		} else {
			if err := signer.SignHTTP(ctx, keys, request, hash, "lambda", "eu-central-1", time.Now()); err != nil {
				return nil, err
			}
			answer.URL = request.URL.String()
		}
		for name := range request.Header {
			answer.Headers = append(answer.Headers, [2]string{name, request.Header.Get(name)})
		}
		answers = append(answers, answer)
	}
	return answers, nil
}
