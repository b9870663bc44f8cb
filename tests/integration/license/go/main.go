// Checks licenses with Go's own cryptography: a second implementation that shares no line with ours.
// Usage: go run . vectors.json; prints {name: {code, claims}}.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
)

type vectors struct {
	PublicKey string `json:"publicKey"`
	Cases     []struct {
		Name       string `json:"name"`
		License    string `json:"license"`
		LicenseKey string `json:"licenseKey"`
		On         string `json:"on"`
	} `json:"cases"`
}

type answer struct {
	Code   string          `json:"code"`
	Claims json.RawMessage `json:"claims"`
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	check(err)
	var given vectors
	check(json.Unmarshal(data, &given))
	block, _ := pem.Decode([]byte(given.PublicKey))
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	check(err)
	answers := map[string]answer{}
	for _, c := range given.Cases {
		code, content := open(c.License, c.LicenseKey, parsed.(ed25519.PublicKey))
		if code == "" {
			code = dated(content, c.On)
		}
		if code == "malformed" || code == "bad-signature" {
			content = []byte("null")
		}
		answers[c.Name] = answer{code, content}
	}
	check(json.NewEncoder(os.Stdout).Encode(answers))
}

func dated(content []byte, on string) string {
	var claims struct{ ValidFrom, ValidThrough string }
	if json.Unmarshal(content, &claims) != nil || claims.ValidFrom == "" {
		return "malformed"
	}
	if on < claims.ValidFrom {
		return "not-yet-valid"
	}
	if on > claims.ValidThrough {
		return "expired"
	}
	return "valid"
}

// open gives a code where the license is refused, else its content.
func open(text, licenseKey string, public ed25519.PublicKey) (string, []byte) {
	if key := strings.Join(strings.Fields(text), ""); strings.HasPrefix(key, "key/") {
		return openKey(key, public)
	}
	block, _ := pem.Decode([]byte(strings.TrimSpace(text) + "\n"))
	if block == nil || block.Type != "LICENSE FILE" {
		return "malformed", nil
	}
	var envelope struct{ Enc, Sig, Alg string }
	if json.Unmarshal(block.Bytes, &envelope) != nil {
		return "malformed", nil
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(envelope.Sig)
	if err != nil || !ed25519.Verify(public, []byte("license/"+envelope.Enc), signature) {
		return "bad-signature", nil
	}
	if envelope.Alg == "aes-256-gcm+ed25519" {
		return decrypt(envelope.Enc, licenseKey)
	}
	content, err := base64.StdEncoding.Strict().DecodeString(envelope.Enc)
	if err != nil {
		return "malformed", nil
	}
	return "", content
}

func openKey(key string, public ed25519.PublicKey) (string, []byte) {
	parts := strings.Split(key, ".")
	if len(parts) != 2 || parts[1] == "" {
		return "malformed", nil
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil || !ed25519.Verify(public, []byte(parts[0]), signature) {
		return "bad-signature", nil
	}
	content, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(parts[0], "key/"))
	if err != nil {
		return "malformed", nil
	}
	return "", content
}

func decrypt(enc, licenseKey string) (string, []byte) {
	var parts [][]byte
	for _, part := range strings.Split(enc, ".") {
		raw, err := base64.StdEncoding.Strict().DecodeString(part)
		if err != nil {
			return "malformed", nil
		}
		parts = append(parts, raw)
	}
	if len(parts) != 3 {
		return "malformed", nil
	}
	sum := sha256.Sum256([]byte(licenseKey))
	block, err := aes.NewCipher(sum[:])
	check(err)
	gcm, err := cipher.NewGCM(block)
	check(err)
	content, err := gcm.Open(nil, parts[1], bytes.Join([][]byte{parts[0], parts[2]}, nil), nil)
	if err != nil {
		return "malformed", nil
	}
	return "", content
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
