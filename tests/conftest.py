"""What all tests share: the fixtures of a real control plane, started only for tests that ask for it."""

pytest_plugins = ["envtest"]
