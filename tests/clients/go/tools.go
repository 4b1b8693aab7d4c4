//go:build tools

// Names the program that the test builds, so that go.sum holds what it needs.
package clients

import _ "sigs.k8s.io/controller-runtime/examples/crd"
